"""Characters of text-generation-webui (YAML), and Pygmalion's when they stand in YAML.

Fields: oobabooga/text-generation-webui docs/Custom-chat-characters.md.
"""

from collections.abc import Mapping
from typing import Any

from core.characters.fields import Remark
from core.characters.makers.sheet import MakerReader, card

_PASSIVE: Mapping[str, object] = dict.fromkeys(("your_name", "user", "enabled"), ...)


def is_character(document: Any) -> bool:
    if not isinstance(document, dict) or not {"char_name", "story_string"}.isdisjoint(document):
        return False
    named = isinstance(document.get("name", document.get("bot")), str)
    greets = isinstance(document.get("greeting"), str) and "description" not in document
    return named and (greets or isinstance(document.get("context"), str))


def character(document: dict[str, Any], remarks: list[Remark]) -> dict[str, Any]:
    fields = MakerReader(document, "", remarks)
    known = {
        "name": fields.text("name", "bot"),
        "description": fields.text("context"),
        "first_mes": fields.text("greeting"),
        "mes_example": fields.text("example_dialogue"),
    }
    return card(known, "text-generation-webui", fields.note_spare(_PASSIVE))
