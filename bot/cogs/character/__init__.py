"""The characters of this server."""
