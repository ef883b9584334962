"""The engine: from a message to a reply."""

from core.engine.engine import Engine

__all__ = ["Engine"]
