"""A lorebook: facts about the story's world, each with the keys that wake it."""

import re
from collections.abc import Callable, Iterable
from enum import IntEnum
from math import inf
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

T = TypeVar("T")

ARRAY_INDEX = re.compile(r"(?:0|[1-9][0-9]{0,9})\Z")


def as_javascript_lists(names: Iterable[str]) -> list[str]:
    """The names of an object in JavaScript's order: whole numbers first, by size."""
    return sorted(names, key=lambda name: int(name) if ARRAY_INDEX.match(name) else inf)


class Position(IntEnum):
    BEFORE_CHARACTER = 0
    AFTER_CHARACTER = 1
    NOTE_TOP = 2
    NOTE_BOTTOM = 3
    AT_DEPTH = 4
    EXAMPLES_TOP = 5
    EXAMPLES_BOTTOM = 6
    OUTLET = 7


class Logic(IntEnum):
    """How secondary keys join in once a primary key was found."""

    AND_ANY = 0
    NOT_ALL = 1
    NOT_ANY = 2
    AND_ALL = 3


class EntryRole(IntEnum):
    """Who says an entry that is placed at a depth of the chat."""

    SYSTEM = 0
    USER = 1
    ASSISTANT = 2


class CharacterFilter(BaseModel):
    """Limits an entry to some characters (file names without extension) or tags."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    names: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    exclude: bool = False


class Entry(BaseModel):
    """One entry. None means "as the scan's settings say"; `unknown` keeps other programs' fields.

    `sticky`, `cooldown` and `delay` count messages; None and 0 = off.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    uid: int = 0
    keys: tuple[str, ...] = ()
    secondary_keys: tuple[str, ...] = ()
    comment: str = ""
    content: str = ""
    enabled: bool = True
    constant: bool = False
    selective: bool = True
    logic: Logic = Logic.AND_ANY
    order: int = 100
    position: Position = Position.BEFORE_CHARACTER
    depth: int = 4
    role: EntryRole = EntryRole.SYSTEM
    outlet: str = ""
    ignore_budget: bool = False
    exclude_recursion: bool = False
    prevent_recursion: bool = False
    delay_until_recursion: bool | int = 0
    """0 = no delay; 1 (or True) and more = the recursion level it waits for."""
    probability: int = 100
    use_probability: bool = True
    group: str = ""
    """Inclusion groups, separated by commas."""
    group_override: bool = False
    group_weight: int = 100
    use_group_scoring: bool | None = None
    scan_depth: int | None = None
    case_sensitive: bool | None = None
    match_whole_words: bool | None = None
    match_persona: bool = False
    match_description: bool = False
    match_personality: bool = False
    match_depth_prompt: bool = False
    match_scenario: bool = False
    match_creator_notes: bool = False
    sticky: int | None = None
    cooldown: int | None = None
    delay: int | None = None
    triggers: tuple[str, ...] = ()
    character_filter: CharacterFilter | None = None
    extensions: dict[str, Any] = Field(default_factory=dict)
    """Fields of other programs below a card's `extensions`."""
    unknown: dict[str, Any] = Field(default_factory=dict)


class Lorebook(BaseModel):
    """A book of entries in file order; `unknown` keeps other programs' fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = ""
    description: str = ""
    entries: tuple[Entry, ...] = ()
    extensions: dict[str, Any] = Field(default_factory=dict)
    unknown: dict[str, Any] = Field(default_factory=dict)
    _remembered: dict[object, tuple[tuple[Entry, ...], object]] = PrivateAttr(default_factory=dict)

    def remember(self, name: object, make: Callable[[tuple[Entry, ...]], T]) -> T:
        """What `make` builds from the entries, built once for this book."""
        entries, made = self._remembered.get(name, (None, None))
        if entries is not self.entries:  # first use, or a copy with other entries
            made = make(self.entries)
            self._remembered = {**self._remembered, name: (self.entries, made)}
        return cast(T, made)
