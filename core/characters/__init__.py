"""Who speaks: character cards and personas."""

from core.characters.avatar import Avatar, thumbnail
from core.characters.card_file import MAX_FILE, LoadedCard, read_card, to_charx, to_json, to_png
from core.characters.character import Character, DepthPrompt
from core.characters.fields import Problem, Remark
from core.characters.persona import Persona

__all__ = [
    "MAX_FILE",
    "Avatar",
    "Character",
    "DepthPrompt",
    "LoadedCard",
    "Persona",
    "Problem",
    "Remark",
    "read_card",
    "thumbnail",
    "to_charx",
    "to_json",
    "to_png",
]
