"""Entry point; the service itself is not part of this test."""

print("ready")
