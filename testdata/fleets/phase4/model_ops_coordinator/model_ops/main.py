"""Loads and evicts models."""

print("ready")
