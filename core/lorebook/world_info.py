"""World-info files: `{"entries": {uid: entry}}`, as SillyTavern keeps them."""

import re
from collections.abc import Iterator
from typing import Any

from core.characters.fields import Problem, Remark, Shape, shape_of
from core.lorebook.entry_fields import EntryReader
from core.lorebook.lorebook import (
    MAX_CONTENT,
    MAX_ENTRIES,
    MAX_TRIGGERS,
    CharacterFilter,
    Entry,
    EntryRole,
    Logic,
    Lorebook,
    Position,
)

_ARRAY_INDEX = re.compile(r"(?:0|[1-9][0-9]{0,9})\Z")


def from_world_info(document: dict[str, Any], remarks: list[Remark]) -> Lorebook:
    """Reads a world-info document; entries with wrong types are mended, as `remarks` say."""
    fields = EntryReader(document, "", remarks)
    entries = [
        _entry(entry, uid, f"entries[{uid}]", remarks)
        for uid, entry in _in_file_order(fields.find("entries")[1], remarks)
    ]
    return Lorebook(
        name=fields.text("name"),
        description=fields.text("description"),
        entries=tuple(entries),
        extensions=fields.object("extensions"),
        unknown=fields.rest,
    )


def _in_file_order(entries: Any, remarks: list[Remark]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Entries as JavaScript lists them: whole-number names first, by size."""
    named = list(entries.items() if isinstance(entries, dict) else enumerate(entries or ()))
    numbers = [item for item in named if _ARRAY_INDEX.match(str(item[0]))]
    others = [item for item in named if not _ARRAY_INDEX.match(str(item[0]))]
    ordered = [*sorted(numbers, key=lambda item: int(item[0])), *others]
    if len(ordered) > MAX_ENTRIES:
        remarks.append(Remark("entries", Problem.TOO_MANY, limit=MAX_ENTRIES))
    for index, (name, entry) in enumerate(ordered[:MAX_ENTRIES]):
        if isinstance(entry, dict):
            yield int(name) if _ARRAY_INDEX.match(str(name)) else index, entry
        else:
            found = shape_of(entry)
            remarks.append(Remark(f"entries[{name}]", Problem.DROPPED, found, Shape.OBJECT))


def _entry(document: dict[str, Any], uid: int, path: str, remarks: list[Remark]) -> Entry:
    fields = EntryReader(document, path, remarks)
    values: dict[str, Any] = {
        "uid": fields.integer("uid", "id", default=uid, low=0),
        "keys": fields.keys("key", "keys"),
        "secondary_keys": fields.keys("keysecondary", "secondary_keys"),
        "content": fields.text("content", limit=MAX_CONTENT),
        "enabled": not fields.flag("disable", default=False),
        "selective": fields.flag("selective", default=True),
        "logic": fields.choice("selectiveLogic", default=Logic.AND_ANY),
        "order": fields.integer("order", "insertion_order", default=100),
        "position": fields.choice("position", default=Position.BEFORE_CHARACTER),
        "depth": fields.integer("depth", default=4, low=0),
        "role": fields.choice("role", default=EntryRole.SYSTEM),
        "delay_until_recursion": fields.level("delayUntilRecursion", "delay_until_recursion"),
        "probability": fields.integer("probability", default=100, low=0, high=100),
        "use_probability": fields.flag("useProbability", default=True),
        "group_weight": fields.integer("groupWeight", default=100, low=0),
        "scan_depth": fields.maybe_integer("scanDepth", low=-1),
        "triggers": fields.texts("triggers", limit=MAX_TRIGGERS),
        "character_filter": character_filter(fields),
        "extensions": fields.object("extensions"),
    }
    values |= {ours: fields.text(theirs) for ours, theirs in _TEXTS.items()}
    values |= {ours: fields.flag(*theirs, default=False) for ours, theirs in _FLAGS.items()}
    values |= {ours: fields.flag(theirs, default=None) for ours, theirs in _OPTIONAL_FLAGS.items()}
    values |= {name: fields.maybe_integer(name) for name in ("sticky", "cooldown", "delay")}
    return Entry(**values, unknown=fields.rest)


_TEXTS = {"comment": "comment", "outlet": "outletName", "group": "group"}
_FLAGS = {
    "constant": ("constant",),
    "ignore_budget": ("ignoreBudget", "ignore_budget"),
    "exclude_recursion": ("excludeRecursion", "exclude_recursion"),
    "prevent_recursion": ("preventRecursion", "prevent_recursion"),
    "group_override": ("groupOverride",),
    "match_persona": ("matchPersonaDescription",),
    "match_description": ("matchCharacterDescription",),
    "match_personality": ("matchCharacterPersonality",),
    "match_depth_prompt": ("matchCharacterDepthPrompt",),
    "match_scenario": ("matchScenario",),
    "match_creator_notes": ("matchCreatorNotes",),
}
_OPTIONAL_FLAGS = {
    "use_group_scoring": "useGroupScoring",
    "case_sensitive": "caseSensitive",
    "match_whole_words": "matchWholeWords",
}


def character_filter(fields: EntryReader) -> CharacterFilter | None:
    """The filter by character, under either spelling."""
    document = fields.object("characterFilter", "character_filter")
    if not document:
        return None
    inner = EntryReader(document, f"{fields.path}.characterFilter", fields.remarks)
    return CharacterFilter(
        names=tuple(inner.texts("names", limit=MAX_TRIGGERS)),
        tags=tuple(inner.texts("tags", limit=MAX_TRIGGERS)),
        exclude=inner.flag("isExclude", default=False),
    )


def to_world_info(book: Lorebook) -> dict[str, Any]:
    """The book as SillyTavern reads it; fields of other programs stay."""
    document: dict[str, Any] = {
        "entries": {str(entry.uid): _written(entry) for entry in book.entries}
    }
    for name in ("name", "description", "extensions"):
        if getattr(book, name):
            document[name] = getattr(book, name)
    return {**book.unknown, **document}


def _written(entry: Entry) -> dict[str, Any]:
    document: dict[str, Any] = {
        "uid": entry.uid,
        "key": list(entry.keys),
        "keysecondary": list(entry.secondary_keys),
        "content": entry.content,
        "disable": not entry.enabled,
        "selective": entry.selective,
        "selectiveLogic": int(entry.logic),
        "order": entry.order,
        "position": int(entry.position),
        "depth": entry.depth,
        "role": int(entry.role),
        "delayUntilRecursion": entry.delay_until_recursion,
        "probability": entry.probability,
        "useProbability": entry.use_probability,
        "groupWeight": entry.group_weight,
        "scanDepth": entry.scan_depth,
        "sticky": entry.sticky,
        "cooldown": entry.cooldown,
        "delay": entry.delay,
        "triggers": list(entry.triggers),
    }
    document |= {theirs: getattr(entry, ours) for ours, theirs in _TEXTS.items()}
    document |= {theirs[0]: getattr(entry, ours) for ours, theirs in _FLAGS.items()}
    document |= {theirs: getattr(entry, ours) for ours, theirs in _OPTIONAL_FLAGS.items()}
    if entry.character_filter is not None:
        document["characterFilter"] = written_filter(entry.character_filter)
    if entry.extensions:
        document["extensions"] = entry.extensions
    return {**entry.unknown, **document}


def written_filter(wanted: CharacterFilter) -> dict[str, Any]:
    """The filter as SillyTavern spells it."""
    return {
        "isExclude": wanted.exclude,
        "names": list(wanted.names),
        "tags": list(wanted.tags),
    }
