"""Stories saved by KoboldAI, KoboldAI Lite and KoboldCpp: memory, author's note, world info.

Fields: the save files of LostRuins/lite.koboldai.net, index.html (`gamestarted`, `savedsettings`),
whose chats SillyTavern 1.19.0 reads too, src/endpoints/chats.js.
"""

import re
from collections.abc import Mapping
from typing import Any

from core.characters.fields import Problem, Remark
from core.characters.makers.sheet import (
    NOT_ANY,
    MakerEntry,
    MakerReader,
    card,
    paragraphs,
    read_lore,
)

_ENTRY_PASSIVE: Mapping[str, object] = dict.fromkeys(
    ("uid", "num", "init", "folder", "selective", "manual_type", "wigroup"), ...
)
_PASSIVE: Mapping[str, object] = dict.fromkeys(
    (
        "gamestarted",
        "actions_metadata",
        "interaction_ids",
        "wifolders_d",
        "wifolders_l",
        "savedaestheticsettings",
        "completed_imgs_meta",
        "timestamp",
    ),
    ...,
)
_OPPONENTS = "||$||"
_MARKS = re.compile(r"\{\{\[(?:INPUT|OUTPUT|SYSTEM)(?:_END)?\]\}\}")
_NOTE_HERE = "<|>"
_NOTE_DEPTHS = {"320": 4, "160": 2, "80": 1, "0": 0}
"""Lite counts the place of its note in tokens; messages here."""


def is_story(document: Any) -> bool:
    return (
        isinstance(document, dict)
        and "gamestarted" in document
        and not {"memory", "prompt", "actions", "worldinfo"}.isdisjoint(document)
    )


def character(document: dict[str, Any], remarks: list[Remark]) -> dict[str, Any]:
    fields = MakerReader(document, "", remarks)
    settings = MakerReader(fields.object("savedsettings"), "savedsettings", remarks)
    opponents = settings.text("chatopponent").split(_OPPONENTS)
    if len(opponents) > 1:
        settings.note("chatopponent", Problem.FIRST_ONLY, limit=len(opponents))
    told = fields.find("actions")[1]
    if isinstance(told, list) and told:
        fields.note("actions", Problem.NO_STORY, limit=len(told))
    note = fields.text("authorsnote").strip()
    template = fields.text("anotetemplate") or _NOTE_HERE
    lore = read_lore(fields.find("worldinfo")[1], "worldinfo", remarks, _entry, _ENTRY_PASSIVE)
    known = {
        "name": opponents[0].strip() or fields.text("title"),
        "description": fields.text("memory").strip(),
        "first_mes": _first(fields.text("prompt"), opponents[0], settings.text("chatname")),
        "system_prompt": settings.text("instruct_sysprompt"),
        "note": _note(note, template, fields.text("anotestr")) if note else None,
        "lore": lore,
    }
    return card(known, "koboldai", fields.note_spare(_PASSIVE))


def _first(prompt: str, name: str, user: str) -> str:
    """The story's beginning as a greeting; a line that a person wrote is none."""
    text = _MARKS.sub("", prompt).strip()
    if "{{[INPUT]}}" in prompt or (user and text.startswith(f"{user}:")):
        return ""
    return text.removeprefix(f"{name}:").strip() if name else text


def _note(note: str, template: str, strength: str) -> dict[str, Any]:
    text = template.replace(_NOTE_HERE, note) if _NOTE_HERE in template else note
    return {"prompt": paragraphs(text), "depth": _NOTE_DEPTHS.get(strength, 3)}


def _chance(fields: MakerReader) -> int:
    """A text with a number in it."""
    said = fields.text("probability").strip()
    return min(int(said), 100) if said.isdecimal() and len(said) < 10 else 100


def _entry(fields: MakerReader) -> MakerEntry:
    """Keys that must not be there count where there are no others that must."""
    wanted, unwanted = fields.keys("keysecondary"), fields.keys("keyanti")
    if wanted and not fields.flag("selective", default=False):
        wanted = []
    if wanted and unwanted:
        fields.note("keyanti", Problem.UNUSED)
    return MakerEntry(
        keys=fields.keys("key"),
        secondary=wanted or unwanted,
        logic=0 if wanted or not unwanted else NOT_ANY,
        content=fields.text("content"),
        title=fields.text("comment"),
        enabled=not fields.flag("widisabled", default=False),
        constant=fields.flag("constant", default=False),
        more={
            "probability": _chance(fields),
        },
    )
