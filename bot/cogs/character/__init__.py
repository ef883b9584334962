"""Characters in this server."""
