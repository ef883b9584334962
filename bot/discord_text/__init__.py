"""Text as Discord takes it: split, closed, named."""
