"""Talk with characters in this channel."""
