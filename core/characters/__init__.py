"""Who speaks: character cards and personas."""

from core.characters.character import Character, DepthPrompt

__all__ = ["Character", "DepthPrompt"]
