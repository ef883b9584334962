"""The lorebook inside a V2 or V3 card (`character_book`)."""

from typing import Any

from core.characters.fields import Problem, Remark, Shape, shape_of
from core.lorebook.entry_fields import EntryReader
from core.lorebook.lorebook import (
    MAX_CONTENT,
    MAX_ENTRIES,
    MAX_TRIGGERS,
    Entry,
    EntryRole,
    Logic,
    Lorebook,
    Position,
)
from core.lorebook.world_info import character_filter, written_filter

_PASSIVE = {
    "vectorized": "vectorized",
    "displayIndex": "display_index",
    "automationId": "automation_id",
}
"""World-info fields that a scan does not use, and their names in a card."""
_FLAGS = {
    "ignore_budget": ("ignore_budget", "ignoreBudget"),
    "exclude_recursion": ("exclude_recursion", "excludeRecursion"),
    "prevent_recursion": ("prevent_recursion", "preventRecursion"),
    "group_override": ("group_override",),
    "match_persona": ("match_persona_description",),
    "match_description": ("match_character_description",),
    "match_personality": ("match_character_personality",),
    "match_depth_prompt": ("match_character_depth_prompt",),
    "match_scenario": ("match_scenario",),
    "match_creator_notes": ("match_creator_notes",),
}
_OPTIONAL_FLAGS = ("use_group_scoring", "case_sensitive", "match_whole_words")


def from_character_book(document: dict[str, Any], remarks: list[Remark]) -> Lorebook:
    """Reads a card's book. What SillyTavern adds stands in each entry's `extensions`."""
    fields = EntryReader(document, "", remarks)
    entries = [
        _entry(entry, index, f"entries[{index}]", remarks)
        for index, entry in enumerate(fields.objects("entries", MAX_ENTRIES))
    ]
    return Lorebook(
        name=fields.text("name"),
        description=fields.text("description"),
        # SillyTavern files them by number, which decides between entries of equal order.
        entries=tuple(sorted(entries, key=lambda entry: entry.uid)),
        extensions=fields.object("extensions"),
        unknown=fields.rest,
    )


def _entry(document: dict[str, Any], index: int, path: str, remarks: list[Remark]) -> Entry:
    fields = EntryReader(document, path, remarks)
    extensions = fields.object("extensions")
    more = EntryReader(extensions, f"{path}.extensions", remarks)
    values: dict[str, Any] = {
        "uid": _uid(fields, index),
        "keys": fields.keys("keys", "key"),
        "secondary_keys": fields.keys("secondary_keys", "keysecondary"),
        "comment": fields.text("comment"),
        "content": fields.text("content", limit=MAX_CONTENT),
        "enabled": fields.flag("enabled", default=True),
        "constant": fields.flag("constant", default=False),
        "selective": fields.flag("selective", default=False),
        "order": fields.integer("insertion_order", default=100),
        "position": _position(fields, more),
    }
    values |= _extended(more)
    unknown = fields.rest
    for theirs, ours in _PASSIVE.items():
        if ours in extensions:
            unknown[theirs] = more.find(ours)[1]
    return Entry(**values, unknown=unknown, extensions=more.rest)


def _extended(more: EntryReader) -> dict[str, Any]:
    values: dict[str, Any] = {
        "logic": more.choice("selectiveLogic", "selective_logic", default=Logic.AND_ANY),
        "depth": more.integer("depth", default=4, low=0),
        "role": more.choice("role", default=EntryRole.SYSTEM),
        "outlet": more.text("outlet_name", "outletName"),
        "delay_until_recursion": more.level("delay_until_recursion", "delayUntilRecursion"),
        "probability": more.integer("probability", default=100, low=0, high=100),
        "use_probability": more.flag("useProbability", "use_probability", default=True),
        "group": more.text("group"),
        "group_weight": more.integer("group_weight", default=100, low=0),
        "scan_depth": more.maybe_integer("scan_depth", low=-1),
        "triggers": more.texts("triggers", limit=MAX_TRIGGERS),
        "character_filter": character_filter(more),
    }
    values |= {ours: more.flag(*theirs, default=False) for ours, theirs in _FLAGS.items()}
    values |= {name: more.flag(name, default=None) for name in _OPTIONAL_FLAGS}
    return values | {name: more.maybe_integer(name) for name in ("sticky", "cooldown", "delay")}


def _uid(fields: EntryReader, index: int) -> int:
    """The `id` where it is a number; V3 allows texts, which stay in `unknown`."""
    value = fields.document.get("id")
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return fields.integer("id", default=index, low=0)
    if value is not None and not isinstance(value, str):
        fields.note("id", Problem.DROPPED, found=shape_of(value), expected=Shape.NUMBER)
    return index


def _position(fields: EntryReader, more: EntryReader) -> Position:
    where = fields.text("position")
    default = Position.BEFORE_CHARACTER if where == "before_char" else Position.AFTER_CHARACTER
    return more.choice("position", default=default)


def to_character_book(book: Lorebook) -> dict[str, Any]:
    """The book as cards of version 2 and 3 hold it; fields of other programs stay."""
    return {
        **book.unknown,
        "name": book.name,
        "description": book.description,
        "extensions": book.extensions,
        "entries": [_written(entry) for entry in book.entries],
    }


def _written(entry: Entry) -> dict[str, Any]:
    unknown = {key: value for key, value in entry.unknown.items() if key not in _PASSIVE}
    is_before = entry.position is Position.BEFORE_CHARACTER
    return {
        "id": entry.uid,
        **unknown,
        "keys": list(entry.keys),
        "secondary_keys": list(entry.secondary_keys),
        "comment": entry.comment,
        "content": entry.content,
        "constant": entry.constant,
        "selective": entry.selective,
        "insertion_order": entry.order,
        "enabled": entry.enabled,
        "position": "before_char" if is_before else "after_char",
        "extensions": _written_extensions(entry),
    }


def _written_extensions(entry: Entry) -> dict[str, Any]:
    document: dict[str, Any] = {
        **entry.extensions,
        "position": int(entry.position),
        "selectiveLogic": int(entry.logic),
        "depth": entry.depth,
        "role": int(entry.role),
        "outlet_name": entry.outlet,
        "delay_until_recursion": entry.delay_until_recursion,
        "probability": entry.probability,
        "useProbability": entry.use_probability,
        "group": entry.group,
        "group_weight": entry.group_weight,
        "scan_depth": entry.scan_depth,
        "sticky": entry.sticky,
        "cooldown": entry.cooldown,
        "delay": entry.delay,
        "triggers": list(entry.triggers),
    }
    document |= {theirs[0]: getattr(entry, ours) for ours, theirs in _FLAGS.items()}
    document |= {name: getattr(entry, name) for name in _OPTIONAL_FLAGS}
    passive = {
        ours: entry.unknown[theirs] for theirs, ours in _PASSIVE.items() if theirs in entry.unknown
    }
    if entry.character_filter is not None:
        document["character_filter"] = written_filter(entry.character_filter)
    return document | passive
