"""The chat prompt: a list of messages."""
