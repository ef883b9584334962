"""What fits into the context."""
