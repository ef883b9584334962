"""A reply from the first token to the store."""
