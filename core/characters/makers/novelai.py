"""Lorebooks, scenarios and stories of NovelAI.

Fields: wbrown/novelai-research-tool (lorebook and scenario structures) and SillyTavern 1.19.0,
public/scripts/world-info.js, for how a lorebook's order is taken.
"""

import re
from collections.abc import Mapping
from typing import Any

from core.characters.fields import Problem, Remark
from core.characters.makers.sheet import (
    AND_ALL,
    MakerEntry,
    MakerReader,
    card,
    read_lore,
    world_info,
)

_ENTRY_PASSIVE: Mapping[str, object] = {
    "id": ...,
    "lastUpdatedAt": ...,
    "hidden": ...,
    "advancedConditions": [],
    "searchRange": 1000,
    "keyRelative": False,
    "nonStoryActivatable": False,
    "contextConfig": ...,
    "loreBiasGroups": [
        {
            "phrases": [],
            "ensureSequenceFinish": False,
            "generateOnce": True,
            "bias": 0,
            "enabled": True,
            "whenInactive": False,
        }
    ],
}
_SCENARIO_PASSIVE: Mapping[str, object] = dict.fromkeys(
    (
        "scenarioVersion",
        "storyContainerVersion",
        "storyContentVersion",
        "storyContextConfig",
        "contextDefaults",
        "settingsDirty",
        "didGenerate",
        "messageSettings",
        "story",
        "document",
    ),
    ...,
)
_BIASES = {"phraseBiasGroups": "phrases", "bannedSequenceGroups": "sequences"}
_BOTH = re.compile(r"\s+&\s+")


def is_book(document: Any) -> bool:
    return isinstance(document, dict) and "lorebookVersion" in document


def is_scenario(document: Any) -> bool:
    return isinstance(document, dict) and (
        "scenarioVersion" in document or "storyContainerVersion" in document
    )


def book(document: dict[str, Any], remarks: list[Remark]) -> dict[str, Any]:
    return world_info("", "", _entries(document, remarks))


def scenario(document: dict[str, Any], remarks: list[Remark]) -> dict[str, Any]:
    """A scenario as a card: its beginning greets, its memory is the scenario."""
    content = document.get("content")
    inner = content if isinstance(content, dict) else document
    about = document.get("metadata")
    fields = MakerReader(inner, "content" if inner is not document else "", remarks)
    head = MakerReader(about if isinstance(about, dict) else inner, "", remarks)
    fields.note_settings("settings", *(name for name in _BIASES if _says(fields, name)))
    memory, note = _context(fields)
    title = head.text("title")
    known = {
        "name": title,
        "creator": head.text("author"),
        "creator_notes": head.text("description"),
        "tags": head.texts("tags"),
        "scenario": memory,
        "first_mes": fields.text("prompt"),
        "note": note,
        "lore": _entries(fields.object("lorebook"), remarks),
    }
    if "storyContainerVersion" in document:
        remarks.append(Remark("content.story", Problem.NO_STORY, limit=1))
    for name in ("title", "author", "description", "tags"):
        fields.find(name)
    return card(known, "novelai", fields.note_spare(_SCENARIO_PASSIVE))


def _says(fields: MakerReader, name: str) -> bool:
    """Whether one of the groups has words; each file has an empty one."""
    groups = fields.find(name)[1]
    listed = groups if isinstance(groups, list) else []
    return any(isinstance(group, dict) and group.get(_BIASES[name]) for group in listed)


def _context(fields: MakerReader) -> tuple[str, dict[str, Any] | None]:
    """The memory, and the author's note with the place that it had."""
    slots = [MakerReader(one, "context", fields.remarks) for one in fields.objects("context", 8)]
    memory = _placed(slots[0]) if slots else ""
    if len(slots) < 2 or not (text := _placed(slots[1])):
        return memory, None
    placing = MakerReader(slots[1].object("contextConfig"), "context", fields.remarks)
    line = placing.integer("insertionPosition", default=-4)
    return memory, {"prompt": text, "depth": abs(line) if line < 0 else 4}


def _placed(fields: MakerReader) -> str:
    """A text with what NovelAI puts around it."""
    placing = MakerReader(fields.object("contextConfig"), f"{fields.path}.contextConfig", [])
    text = fields.text("text")
    return f"{placing.text('prefix')}{text}{placing.text('suffix')}".strip() if text else ""


def _entries(document: dict[str, Any], remarks: list[Remark]) -> list[MakerEntry]:
    listed = MakerReader(document, "", remarks).objects("categories", 1000)
    off = [one.get("id") for one in listed if one.get("enabled") is False]

    def read(fields: MakerReader) -> MakerEntry:
        return _entry(fields, in_use=fields.find("category")[1] not in off)

    return read_lore(document.get("entries"), "entries", remarks, read, _ENTRY_PASSIVE)


def _entry(fields: MakerReader, in_use: bool) -> MakerEntry:
    placing = MakerReader(fields.object("contextConfig"), f"{fields.path}.contextConfig", [])
    keys, others = _keys(fields)
    return MakerEntry(
        keys=keys,
        secondary=others,
        logic=AND_ALL if others else 0,
        content=_placed(fields),
        title=fields.text("displayName"),
        enabled=in_use and fields.flag("enabled", default=True),
        constant=fields.flag("forceActivation", default=False),
        order=placing.integer("budgetPriority"),
    )


def _keys(fields: MakerReader) -> tuple[list[str], list[str]]:
    """NovelAI joins words that must come together by `&`.

    One such key is a key with others that must be there; beside further keys it is a pattern.
    """
    keys = [key for key in fields.keys("keys") if key.strip()]
    if len(keys) == 1 and not keys[0].startswith("/"):
        first, *others = _BOTH.split(keys[0])
        return [first], others
    return [_together(key) for key in keys], []


def _together(key: str) -> str:
    words = _BOTH.split(key)
    if len(words) < 2 or key.startswith("/"):
        return key
    ahead = "".join(rf"(?=[\s\S]*{re.escape(word)})" for word in words)
    return "/^" + ahead.replace("/", r"\/") + "/i"
