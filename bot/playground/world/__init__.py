"""What exists in the playground and how it changes."""
