"""Characters and memory books of Agnai.

Its own formats: agnaistic/agnai common/types/library.ts, common/types/memory.ts; how a persona is
written out: common/characters.ts, `formatCharacter`.
"""

from collections.abc import Mapping
from typing import Any

from core.characters.fields import Remark
from core.characters.makers.sheet import (
    AFTER_CHARACTER,
    MakerEntry,
    MakerReader,
    card,
    paragraphs,
    read_lore,
    world_info,
)

_PASSIVE: Mapping[str, object] = dict.fromkeys(
    (
        "_id",
        "kind",
        "userId",
        "avatar",
        "originalAvatar",
        "createdAt",
        "updatedAt",
        "favorite",
        "folder",
        "match",
        "downloads",
        "reactions",
        "chats",
        "messages",
    ),
    ...,
)
_ENTRY_PASSIVE: Mapping[str, object] = {"id": ..., "priority": ..., "selective": ...}


def is_character(document: Any) -> bool:
    if not isinstance(document, dict):
        return False
    return document.get("kind") in ("character", "library-character") or (
        "persona" in document and ("greeting" in document or "sampleChat" in document)
    )


def is_book(document: Any) -> bool:
    if not isinstance(document, dict) or not isinstance(document.get("entries"), list):
        return False
    entries = [entry for entry in document["entries"] if isinstance(entry, dict)]
    return document.get("kind") == "memory" or any({"keywords", "entry"} <= {*e} for e in entries)


def character(document: dict[str, Any], remarks: list[Remark]) -> dict[str, Any]:
    fields = MakerReader(document, "", remarks)
    name = fields.text("name")
    greeting, sample = fields.text("greeting"), fields.text("sampleChat")
    book = fields.object("characterBook")
    insert = MakerReader(fields.object("insert"), "insert", remarks)
    prompt, depth = insert.text("prompt"), insert.integer("depth", default=4, low=0)
    known = {
        "name": name,
        "description": _persona(fields, name),
        "creator_notes": fields.text("description"),
        "scenario": fields.text("scenario"),
        "first_mes": greeting,
        "mes_example": sample,
        "system_prompt": fields.text("systemPrompt"),
        "post_history_instructions": fields.text("postHistoryInstructions"),
        "alternate_greetings": fields.texts("alternateGreetings"),
        "tags": fields.texts("tags"),
        "creator": fields.text("creator"),
        "character_version": fields.text("characterVersion"),
        "lore": _entries(book, remarks),
        "note": {"prompt": prompt, "depth": depth} if prompt else None,
        "extensions": fields.object("extensions"),
    }
    return card(known, "agnai", fields.note_spare(_PASSIVE))


def book(document: dict[str, Any], remarks: list[Remark]) -> dict[str, Any]:
    fields = MakerReader(document, "", remarks)
    return world_info(
        fields.text("name"), fields.text("description"), _entries(document, remarks)
    ) | {"extensions": fields.object("extensions")}


def _persona(fields: MakerReader, name: str) -> str:
    """The persona as Agnai itself writes it into prompts."""
    value = fields.find("persona")[1]
    if isinstance(value, str):
        return value
    persona = MakerReader(fields.object("persona"), "persona", fields.remarks)
    kind = persona.text("kind")
    attributes = persona.object("attributes")
    inner = MakerReader(attributes, "persona.attributes", fields.remarks)
    traits = {trait: inner.texts(trait) for trait in attributes}
    if kind == "text" or not traits:
        return paragraphs(*(text for texts in traits.values() for text in texts))
    if kind == "sbf":
        listed = (f"{trait}: {_quoted(words, ', ')}" for trait, words in traits.items())
        return f'[ character: "{name}"; {"; ".join(listed)} ]'
    if kind == "boostyle":
        return " + ".join([name, *(word for words in traits.values() for word in words)])
    if kind == "attributes":
        return "\n".join(f"{trait}: {', '.join(words)}" for trait, words in traits.items())
    lines = (f"{trait}({_quoted(words, ' + ')})" for trait, words in traits.items())
    return "\n".join([f'[character("{name}") {{', *lines, "}]"])


def _quoted(words: list[str], between: str) -> str:
    return between.join(f'"{word}"' for word in words)


def _entries(document: dict[str, Any], remarks: list[Remark]) -> list[MakerEntry]:
    return read_lore(document.get("entries"), "entries", remarks, _entry, _ENTRY_PASSIVE)


def _entry(fields: MakerReader) -> MakerEntry:
    """`weight` orders the entries in the prompt; `priority`, what goes first, is our order too."""
    is_after = fields.text("position") == "after_char"
    return MakerEntry(
        keys=fields.keys("keywords", "keys"),
        secondary=fields.keys("secondaryKeys"),
        content=fields.text("entry", "content"),
        title=fields.text("name") or fields.text("comment"),
        enabled=fields.flag("enabled", default=True),
        constant=fields.flag("constant", default=False),
        order=fields.integer("weight", "priority"),
        position=AFTER_CHARACTER if is_after else 0,
        # Agnai looks for whole words only.
        more={"matchWholeWords": True},
    )
