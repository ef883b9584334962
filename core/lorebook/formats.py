"""World-info files (`{"entries": {uid: entry}}`) and the book inside a card (`character_book`).

Both are SillyTavern's: the same fields, spelt in two ways. What the card's format does not know
stands there in each entry's `extensions`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import IntEnum
from functools import partial
from typing import Any, TypeVar

from core.characters.fields import FieldReader, Problem, Remark, Shape, shape_of
from core.characters.normalise import MAX_CONTENT, MAX_ENTRIES, MAX_KEY, MAX_KEYS
from core.lorebook.lorebook import (
    ARRAY_INDEX,
    CharacterFilter,
    Entry,
    EntryRole,
    Logic,
    Lorebook,
    Position,
    as_javascript_lists,
)

MAX_TRIGGERS = 64

Choice = TypeVar("Choice", bound=IntEnum)


class EntryReader(FieldReader):
    """Reads the fields that only entries have."""

    def maybe_integer(self, *names: str, low: int = 0) -> int | None:
        """A whole number, or not said."""
        return None if self.find(*names)[1] is None else self.integer(*names, low=low)

    def level(self, *names: str) -> bool | int:
        """Yes, no, or a number."""
        value = self.find(*names)[1]
        return value if isinstance(value, bool) else self.integer(*names, low=0)

    def choice(self, *names: str, default: Choice) -> Choice:
        """One of a list of numbers; its name counts too."""
        name, value = self.find(*names)
        if value is None:
            return default
        kind = type(default)
        if isinstance(value, str) and value.strip().upper() in kind.__members__:
            return kind[value.strip().upper()]
        try:
            return kind(int(value))
        except (TypeError, ValueError, OverflowError):
            self.note(name, Problem.DEFAULTED, found=shape_of(value), expected=default.name.lower())
            return default

    def keys(self, *names: str) -> tuple[str, ...]:
        """Keys: a list, or one text with commas. Too long ones are left out: cut, they would
        match what their author did not mean."""
        name, value = self.find(*names)
        if isinstance(value, str):
            split = [part.strip() for part in value.split(",")]
            texts = [part for part in split if part][:MAX_KEYS]
        else:
            texts = self.texts(name, limit=MAX_KEYS)
        for text in texts:
            if len(text) > MAX_KEY:
                self.note(name, Problem.KEY_TOO_LONG, limit=MAX_KEY)
        return tuple(text for text in texts if len(text) <= MAX_KEY)

    def character_filter(self, *names: str) -> CharacterFilter | None:
        """The characters that an entry is limited to, if it is."""
        document = self.object(*names)
        if not document:
            return None
        inner = EntryReader(document, f"{self.path}.characterFilter", self.remarks)
        return CharacterFilter(
            names=tuple(inner.texts("names", limit=MAX_TRIGGERS)),
            tags=tuple(inner.texts("tags", limit=MAX_TRIGGERS)),
            exclude=inner.flag("isExclude", default=False),
        )


_OFF: Callable[..., object] = partial(EntryReader.flag, default=False)
_UNSAID: Callable[..., object] = partial(EntryReader.flag, default=None)

_FIELDS: Mapping[str, tuple[Callable[..., object], tuple[str, ...], tuple[str, ...]]] = {
    "logic": (
        partial(EntryReader.choice, default=Logic.AND_ANY),
        ("selectiveLogic",),
        (
            "selectiveLogic",
            "selective_logic",
        ),
    ),
    "depth": (partial(EntryReader.integer, default=4, low=0), ("depth",), ("depth",)),
    "role": (partial(EntryReader.choice, default=EntryRole.SYSTEM), ("role",), ("role",)),
    "outlet": (
        EntryReader.text,
        ("outletName",),
        (
            "outlet_name",
            "outletName",
        ),
    ),
    "ignore_budget": (
        _OFF,
        (
            "ignoreBudget",
            "ignore_budget",
        ),
        (
            "ignore_budget",
            "ignoreBudget",
        ),
    ),
    "exclude_recursion": (
        _OFF,
        (
            "excludeRecursion",
            "exclude_recursion",
        ),
        (
            "exclude_recursion",
            "excludeRecursion",
        ),
    ),
    "prevent_recursion": (
        _OFF,
        (
            "preventRecursion",
            "prevent_recursion",
        ),
        (
            "prevent_recursion",
            "preventRecursion",
        ),
    ),
    "delay_until_recursion": (
        EntryReader.level,
        (
            "delayUntilRecursion",
            "delay_until_recursion",
        ),
        (
            "delay_until_recursion",
            "delayUntilRecursion",
        ),
    ),
    "probability": (
        partial(EntryReader.integer, default=100, low=0, high=100),
        ("probability",),
        ("probability",),
    ),
    "use_probability": (
        partial(EntryReader.flag, default=True),
        ("useProbability",),
        (
            "useProbability",
            "use_probability",
        ),
    ),
    "group": (EntryReader.text, ("group",), ("group",)),
    "group_override": (_OFF, ("groupOverride",), ("group_override",)),
    "group_weight": (
        partial(EntryReader.integer, default=100, low=0),
        ("groupWeight",),
        ("group_weight",),
    ),
    "use_group_scoring": (_UNSAID, ("useGroupScoring",), ("use_group_scoring",)),
    "scan_depth": (partial(EntryReader.maybe_integer, low=-1), ("scanDepth",), ("scan_depth",)),
    "case_sensitive": (_UNSAID, ("caseSensitive",), ("case_sensitive",)),
    "match_whole_words": (_UNSAID, ("matchWholeWords",), ("match_whole_words",)),
    "match_persona": (_OFF, ("matchPersonaDescription",), ("match_persona_description",)),
    "match_description": (_OFF, ("matchCharacterDescription",), ("match_character_description",)),
    "match_personality": (_OFF, ("matchCharacterPersonality",), ("match_character_personality",)),
    "match_depth_prompt": (_OFF, ("matchCharacterDepthPrompt",), ("match_character_depth_prompt",)),
    "match_scenario": (_OFF, ("matchScenario",), ("match_scenario",)),
    "match_creator_notes": (_OFF, ("matchCreatorNotes",), ("match_creator_notes",)),
    "sticky": (EntryReader.maybe_integer, ("sticky",), ("sticky",)),
    "cooldown": (EntryReader.maybe_integer, ("cooldown",), ("cooldown",)),
    "delay": (EntryReader.maybe_integer, ("delay",), ("delay",)),
    "triggers": (partial(EntryReader.texts, limit=MAX_TRIGGERS), ("triggers",), ("triggers",)),
    "character_filter": (
        EntryReader.character_filter,
        (
            "characterFilter",
            "character_filter",
        ),
        (
            "character_filter",
            "characterFilter",
        ),
    ),
}
"""How a field is read, its spellings in world info and in a card's `extensions`.

The first spelling is the one that is written.
"""
_WORLD_INFO, _CARD = 0, 1
_PASSIVE = {
    "vectorized": "vectorized",
    "displayIndex": "display_index",
    "automationId": "automation_id",
}
"""World-info fields that a scan does not use, and their names in a card."""


def _read(fields: EntryReader, spelling: int) -> dict[str, Any]:
    return {name: read(fields, *names[spelling]) for name, (read, *names) in _FIELDS.items()}


def _written(entry: Entry, spelling: int) -> dict[str, Any]:
    return {
        names[spelling][0]: _plain(value)
        for name, (_, *names) in _FIELDS.items()
        if (value := getattr(entry, name)) is not None or name != "character_filter"
    }


def _plain(value: object) -> object:
    if isinstance(value, CharacterFilter):
        names, tags = list(value.names), list(value.tags)
        return {"isExclude": value.exclude, "names": names, "tags": tags}
    if isinstance(value, tuple):
        return list(value)
    return int(value) if isinstance(value, IntEnum) else value


def read_book(fields: EntryReader, entries: Iterable[Entry]) -> Lorebook:
    return Lorebook(
        name=fields.text("name"),
        description=fields.text("description"),
        entries=tuple(entries),
        extensions=fields.object("extensions"),
        unknown=fields.rest,
    )


def from_world_info(document: dict[str, Any], remarks: list[Remark]) -> Lorebook:
    """Reads a world-info document; entries with wrong types are mended, as `remarks` say."""
    fields = EntryReader(document, "", remarks)
    entries = _in_file_order(fields.find("entries")[1], remarks)
    return read_book(fields, [_world_info_entry(inner, uid) for uid, inner in entries])


def _in_file_order(entries: Any, remarks: list[Remark]) -> Iterator[tuple[int, EntryReader]]:
    items = entries.items() if isinstance(entries, dict) else enumerate(entries or ())
    named = {str(name): entry for name, entry in items}
    if len(named) > MAX_ENTRIES:
        remarks.append(Remark("entries", Problem.TOO_MANY, limit=MAX_ENTRIES))
    for index, name in enumerate(as_javascript_lists(named)[:MAX_ENTRIES]):
        uid = int(name) if ARRAY_INDEX.match(name) else index
        if isinstance(named[name], dict):
            yield uid, EntryReader(named[name], f"entries[{uid}]", remarks)
        else:
            found = shape_of(named[name])
            remarks.append(Remark(f"entries[{name}]", Problem.DROPPED, found, Shape.OBJECT))


def _world_info_entry(fields: EntryReader, uid: int) -> Entry:
    return Entry(
        uid=fields.integer("uid", "id", default=uid, low=0),
        keys=fields.keys("key", "keys"),
        secondary_keys=fields.keys("keysecondary", "secondary_keys"),
        comment=fields.text("comment"),
        content=fields.text("content", limit=MAX_CONTENT),
        enabled=not fields.flag("disable", default=False),
        constant=fields.flag("constant", default=False),
        selective=fields.flag("selective", default=True),
        order=fields.integer("order", "insertion_order", default=100),
        position=fields.choice("position", default=Position.BEFORE_CHARACTER),
        extensions=fields.object("extensions"),
        **_read(fields, _WORLD_INFO),
        unknown=fields.rest,
    )


def to_world_info(book: Lorebook) -> dict[str, Any]:
    """The book as SillyTavern reads it; fields of other programs stay."""
    named = {"name": book.name, "description": book.description, "extensions": book.extensions}
    return {
        **book.unknown,
        "entries": {str(entry.uid): _as_world_info(entry) for entry in book.entries},
        **{name: value for name, value in named.items() if value},
    }


def _as_world_info(entry: Entry) -> dict[str, Any]:
    return {
        **entry.unknown,
        "uid": entry.uid,
        "key": list(entry.keys),
        "keysecondary": list(entry.secondary_keys),
        "comment": entry.comment,
        "content": entry.content,
        "disable": not entry.enabled,
        "constant": entry.constant,
        "selective": entry.selective,
        "order": entry.order,
        "position": int(entry.position),
        **_written(entry, _WORLD_INFO),
        **({"extensions": entry.extensions} if entry.extensions else {}),
    }


def from_character_book(document: dict[str, Any], remarks: list[Remark]) -> Lorebook:
    fields = EntryReader(document, "", remarks)
    entries = [
        _card_entry(EntryReader(entry, f"entries[{index}]", remarks), index)
        for index, entry in enumerate(fields.objects("entries", MAX_ENTRIES))
    ]
    # SillyTavern files them by number, which decides between entries of equal order.
    return read_book(fields, sorted(entries, key=lambda entry: entry.uid))


def _card_entry(fields: EntryReader, index: int) -> Entry:
    extensions = fields.object("extensions")
    more = EntryReader(extensions, f"{fields.path}.extensions", fields.remarks)
    is_before = fields.text("position") == "before_char"
    usual = Position.BEFORE_CHARACTER if is_before else Position.AFTER_CHARACTER
    return Entry(
        uid=_card_uid(fields, index),
        keys=fields.keys("keys", "key"),
        secondary_keys=fields.keys("secondary_keys", "keysecondary"),
        comment=fields.text("comment"),
        content=fields.text("content", limit=MAX_CONTENT),
        enabled=fields.flag("enabled", default=True),
        constant=fields.flag("constant", default=False),
        selective=fields.flag("selective", default=False),
        order=fields.integer("insertion_order", default=100),
        position=more.choice("position", default=usual),
        **_read(more, _CARD),
        unknown=fields.rest
        | {theirs: more.find(ours)[1] for theirs, ours in _PASSIVE.items() if ours in extensions},
        extensions=more.rest,
    )


def _card_uid(fields: EntryReader, index: int) -> int:
    """The `id` where it is a number; V3 allows texts, which stay in `unknown`."""
    value = fields.document.get("id")
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return fields.integer("id", default=index, low=0)
    if value is not None and not isinstance(value, str):
        fields.note("id", Problem.DROPPED, found=shape_of(value), expected=Shape.NUMBER)
    return index


def to_character_book(book: Lorebook) -> dict[str, Any]:
    """The book as cards of version 2 and 3 hold it; fields of other programs stay."""
    return {
        **book.unknown,
        "name": book.name,
        "description": book.description,
        "extensions": book.extensions,
        "entries": [_as_card_entry(entry) for entry in book.entries],
    }


def _as_card_entry(entry: Entry) -> dict[str, Any]:
    is_before = entry.position is Position.BEFORE_CHARACTER
    return {
        "id": entry.uid,
        **{key: value for key, value in entry.unknown.items() if key not in _PASSIVE},
        "keys": list(entry.keys),
        "secondary_keys": list(entry.secondary_keys),
        "comment": entry.comment,
        "content": entry.content,
        "constant": entry.constant,
        "selective": entry.selective,
        "insertion_order": entry.order,
        "enabled": entry.enabled,
        "position": "before_char" if is_before else "after_char",
        "extensions": {
            **entry.extensions,
            "position": int(entry.position),
            **_written(entry, _CARD),
            **{ours: entry.unknown[it] for it, ours in _PASSIVE.items() if it in entry.unknown},
        },
    }
