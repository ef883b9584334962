"""The text prompt: one string."""
