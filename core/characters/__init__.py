"""Who speaks: character cards and personas."""

from core.characters.avatar import Avatar, thumbnail
from core.characters.character import Character, DepthPrompt
from core.characters.load import MAX_FILE, LoadedCard, read_card
from core.characters.persona import Persona
from core.characters.remarks import Problem, Remark
from core.characters.write import to_charx, to_json, to_png

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
