"""Derives affect from speech."""

print("ready")
