"""Story cards, formerly world info, of AI Dungeon.

Fields: ndm13/aid-json-helper src/lib/model/StoryCard.ts; older exports say `entry` for `value`.
"""

from collections.abc import Mapping
from typing import Any

from core.characters.fields import Remark
from core.characters.makers.sheet import MakerEntry, MakerReader, read_lore, world_info

_ENTRY_PASSIVE: Mapping[str, object] = dict.fromkeys(
    ("id", "type", "description", "useForCharacterCreation", "genre", "attributes"), ...
)


def is_book(document: Any) -> bool:
    return isinstance(document, list) and any(
        isinstance(entry, dict) and "keys" in entry and not {"value", "entry"}.isdisjoint(entry)
        for entry in document
    )


def book(document: list[Any], remarks: list[Remark]) -> dict[str, Any]:
    return world_info("", "", read_lore(document, "entries", remarks, _entry, _ENTRY_PASSIVE))


def _entry(fields: MakerReader) -> MakerEntry:
    return MakerEntry(
        keys=fields.keys("keys"),
        content=fields.text("value", "entry"),
        title=fields.text("title", "name"),
    )
