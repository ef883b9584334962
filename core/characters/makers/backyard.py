"""Characters of Backyard AI, formerly Faraday: its JSON and the parts of a BYAF archive.

Fields: EliseWindbloom/Convert-BackyardAI-card-to-TavernAI-png-json, backyard_to_tavern.py; the
archive's as SillyTavern 1.19.0 reads them, src/byaf.js.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.characters.fields import Problem, Remark
from core.characters.makers.sheet import MakerEntry, MakerReader, card, read_lore

_PASSIVE: Mapping[str, object] = dict.fromkeys(
    (
        "schemaVersion",
        "version",
        "id",
        "createdAt",
        "updatedAt",
        "images",
        "minPEnabled",
        "canDeleteCustomDialogue",
        "canDeleteExampleMessages",
    ),
    ...,
)
_SETTINGS = ("model", "temperature", "topK", "topP", "minP", "repeatLastN", "repeatPenalty")
_ENTRY_PASSIVE: Mapping[str, object] = dict.fromkeys(("id", "createdAt", "updatedAt", "order"), ...)
_NAMES = re.compile(r"(?<!\{)\{(character|user)\}(?!\})", re.IGNORECASE)
_SPEAKER = re.compile(r"^#(?=\{\{(?:user|char)\}\}:)", re.MULTILINE)
_OWN = ("aiName", "aiDisplayName", "aiPersona", "customDialogue", "basePrompt")


def is_character(document: Any) -> bool:
    inner = document.get("character", document) if isinstance(document, dict) else None
    return isinstance(inner, dict) and sum(name in inner for name in _OWN) >= 2


def character(document: dict[str, Any], remarks: list[Remark]) -> dict[str, Any]:
    inner = document.get("character", document)
    fields = MakerReader(inner, "character" if inner is not document else "", remarks)
    fields.note_settings(*_SETTINGS)
    display, name = fields.text("aiDisplayName"), fields.text("aiName")
    if isinstance(chats := fields.find("Chat")[1], list) and chats:
        fields.note("Chat", Problem.NO_STORY, limit=len(chats))
    known = {
        "name": name or display,
        "extensions": _shown(name, display),
        "description": _macros(fields.text("aiPersona", "persona")),
        "scenario": _macros(fields.text("scenario")),
        "system_prompt": _macros(fields.text("basePrompt")),
        "first_mes": _macros(fields.text("firstMessage", "greeting")),
        "mes_example": _examples(fields.text("customDialogue")),
        "creator_notes": fields.text("authorNotes"),
        "tags": fields.texts("tags"),
        "adult": fields.flag("isNSFW", default=False),
        "lore": _lore(fields, remarks),
    }
    return card(known, "backyard", fields.note_spare(_PASSIVE))


def archive(
    manifest: dict[str, Any],
    document: dict[str, Any],
    scenarios: Sequence[dict[str, Any]],
    remarks: list[Remark],
) -> dict[str, Any]:
    """The card of a BYAF archive. Each scenario's first message becomes a greeting."""
    fields = MakerReader(document, "", remarks)
    read = [MakerReader(one, f"scenarios[{at}]", remarks) for at, one in enumerate(scenarios)]
    author = MakerReader(MakerReader(manifest, "", remarks).object("author"), "author", remarks)
    greetings = [text for one in read if (text := _spoken(one, "firstMessages"))]
    first = read[0] if read else MakerReader({}, "scenarios[0]", remarks)
    first.note_settings(*_SETTINGS)
    name, display = fields.text("name"), fields.text("displayName")
    known = {
        "name": name or display,
        "extensions": _shown(name, display),
        "description": _macros(fields.text("persona")),
        "scenario": _macros(first.text("narrative")),
        "system_prompt": _macros(first.text("formattingInstructions")),
        "first_mes": next(iter(greetings), ""),
        "alternate_greetings": list(dict.fromkeys(greetings[1:])),
        "mes_example": _examples(_spoken(first, "exampleMessages")),
        "creator": author.text("name"),
        "creator_notes": author.text("backyardURL"),
        "adult": fields.flag("isNSFW", default=False),
        "lore": _lore(fields, remarks),
    }
    spare = fields.note_spare(_PASSIVE)
    for one in read:
        if isinstance(said := one.find("messages")[1], list) and said:
            one.note("messages", Problem.NO_STORY, limit=len(said))
        if one is not first and one.text("narrative").strip():
            one.note("narrative", Problem.UNUSED)
    if grammar := first.text("grammar"):
        first.note("grammar", Problem.UNUSED)
        spare["grammar"] = grammar
    return card(known, "backyard", spare)


def _shown(name: str, display: str) -> dict[str, str]:
    """The name that the model is told is the card's; the shown one is kept where it differs."""
    return {"display_name": display} if name and display not in ("", name) else {}


def _lore(fields: MakerReader, remarks: list[Remark]) -> list[MakerEntry]:
    return read_lore(fields.find("loreItems")[1], "loreItems", remarks, _entry, _ENTRY_PASSIVE)


def _entry(fields: MakerReader) -> MakerEntry:
    keys = [_macros(key) for key in fields.keys("key")]
    return MakerEntry(keys, _macros(fields.text("value")))


def _spoken(fields: MakerReader, name: str) -> str:
    said = fields.objects(name, 100)
    texts = [MakerReader(one, fields.path, fields.remarks).text("text") for one in said]
    return _macros("\n".join(text for text in texts if text))


def _macros(text: str) -> str:
    """Backyard's names of the two in single braces."""
    return _NAMES.sub(lambda m: "{{user}}" if m[1].lower() == "user" else "{{char}}", text)


def _examples(text: str) -> str:
    """Backyard marks the lines of its examples with a number sign."""
    text = _SPEAKER.sub("", _macros(text).strip())
    return text if not text or text.startswith("<START>") else f"<START>\n{text}"
