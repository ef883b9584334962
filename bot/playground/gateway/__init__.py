"""The stand-in's WebSocket gateway."""
