"""What an option is, and how its value is found along the scopes of a place."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeVar, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.chat.place import Scope
from core.errors import InvalidOption

T = TypeVar("T")

SHARED = frozenset({Scope.THREAD, Scope.CHANNEL, Scope.CATEGORY, Scope.SERVER, Scope.EVERYWHERE})
WITH_CHARACTER = SHARED | {Scope.CHARACTER}
OWN = SHARED | {Scope.PERSON}
LADDER = (
    Scope.PERSON,
    Scope.THREAD,
    Scope.CHANNEL,
    Scope.CATEGORY,
    Scope.CHARACTER,
    Scope.SERVER,
    Scope.EVERYWHERE,
)
"""Narrowest first. A person's own value counts only for options that may be a person's own."""


class OptionType(StrEnum):
    """What a value looks like."""

    SWITCH = "switch"
    INTEGER = "integer"
    NUMBER = "number"
    LINE = "line"
    TEXT = "text"
    ZONE = "zone"
    LIST = "list"
    TABLE = "table"


_TYPES: Mapping[OptionType, tuple[type, ...]] = {
    OptionType.SWITCH: (bool,),
    OptionType.INTEGER: (int,),
    OptionType.NUMBER: (int, float),
    OptionType.LINE: (str,),
    OptionType.TEXT: (str,),
    OptionType.ZONE: (str,),
    OptionType.LIST: (list, tuple),
    OptionType.TABLE: (dict,),
}
_LONGEST = {OptionType.LINE: 200, OptionType.ZONE: 64, OptionType.TEXT: 16_384}


@dataclass(frozen=True, eq=False)
class Option(Generic[T]):
    """One row of the table. `default` None means: decided elsewhere unless set."""

    key: str
    default: T
    type: OptionType
    scopes: frozenset[Scope] = SHARED
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    owner_only: bool = False
    """Changed by the bot's owner only."""

    def check(self, value: object) -> T:
        """The value as it is stored. Raises InvalidOption (key, value, expected)."""
        if value is None and self.default is None:
            return cast(T, None)
        if not self._has_type(value) or not self._fits(value):
            raise InvalidOption(key=self.key, value=str(value)[:80], expected=self.expected)
        return cast(T, list(value) if isinstance(value, tuple) else value)

    @property
    def expected(self) -> tuple[str, ...] | tuple[float, float] | OptionType:
        """What it takes: one of some words, a range of numbers, or anything of a type."""
        if self.choices:
            return self.choices
        if self.minimum is None or self.maximum is None:
            return self.type
        return self.minimum, self.maximum

    def _has_type(self, value: object) -> bool:
        if isinstance(value, bool) and self.type is not OptionType.SWITCH:
            return False
        if isinstance(value, list | tuple) and not all(isinstance(item, str) for item in value):
            return False
        return isinstance(value, _TYPES[self.type])

    def _fits(self, value: object) -> bool:
        if isinstance(value, str):
            return self._fits_text(value)
        if isinstance(value, int | float) and self.minimum is not None:
            assert self.maximum is not None
            return math.isfinite(value) and self.minimum <= value <= self.maximum
        return True

    def _fits_text(self, value: str) -> bool:
        if self.type is OptionType.ZONE:
            return _is_zone(value)
        if self.choices:
            return value in self.choices
        lines_allowed = self.type is OptionType.TEXT or "\n" not in value
        return len(value) <= _LONGEST[self.type] and lines_allowed


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return name == ""
    return True


@dataclass(frozen=True, slots=True)
class Stored:
    """A value as it lies in the database."""

    scope: Scope
    scope_id: int
    key: str
    value: Any


@dataclass(frozen=True, slots=True)
class Resolved:
    """The values that hold for one reply. `resolved[OPTION]` is typed as the option is."""

    _rows: Mapping[str, Stored] = field(default_factory=dict)

    def __getitem__(self, option: Option[T]) -> T:
        row = self._rows.get(option.key)
        return option.default if row is None else cast(T, row.value)

    def why(self, option: Option[Any]) -> tuple[Scope, int] | None:
        """The scope that won, and whose; None where the default holds."""
        row = self._rows.get(option.key)
        return None if row is None else (row.scope, row.scope_id)


def resolve(options: Mapping[str, Option[Any]], stored: Sequence[Stored]) -> Resolved:
    """The narrowest value of each option among the rows in reach of a place.

    Rows of unknown keys and values that no longer fit (older versions wrote them) are passed over.
    """
    rows: dict[str, Stored] = {}
    for row in sorted(stored, key=lambda row: LADDER.index(row.scope)):
        option = options.get(row.key)
        if option is None or row.key in rows or row.scope not in option.scopes:
            continue
        try:
            option.check(row.value)
        except InvalidOption:
            continue
        rows[row.key] = row
    return Resolved(rows)
