"""WebSocket server of the pipeline."""

print("ready")
