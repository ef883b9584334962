"""What an option is, and how its value is found along the scopes of a place."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeVar, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

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


class Form(StrEnum):
    """What a value looks like."""

    SWITCH = "switch"
    INTEGER = "integer"
    NUMBER = "number"
    LINE = "line"
    TEXT = "text"
    ZONE = "zone"
    LIST = "list"
    TABLE = "table"


_TYPES: Mapping[Form, tuple[type, ...]] = {
    Form.SWITCH: (bool,),
    Form.INTEGER: (int,),
    Form.NUMBER: (int, float),
    Form.LINE: (str,),
    Form.TEXT: (str,),
    Form.ZONE: (str,),
    Form.LIST: (list, tuple),
    Form.TABLE: (dict,),
}
_LONGEST = {Form.LINE: 200, Form.ZONE: 64, Form.TEXT: 16_384}


@dataclass(frozen=True, eq=False)
class Option(Generic[T]):
    """One row of the table. `default` None means: decided elsewhere unless set."""

    key: str
    default: T
    help: str
    form: Form
    scopes: frozenset[Scope] = SHARED
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    hidden: bool = False
    """Set through a command of its own rather than by its key."""
    owner_only: bool = False
    """Changed by the bot's owner only."""

    def check(self, value: object) -> T:
        """The value as it is stored. Raises InvalidOption (key, value, expected)."""
        if value is None and self.default is None:
            return cast(T, None)
        if not self._has_type(value) or not self._fits(value):
            raise self._refused(value)
        return cast(T, list(value) if isinstance(value, tuple) else value)

    def parse(self, text: str) -> T:
        """The value a person typed. Raises InvalidOption with the place of the fault."""
        stripped = text.strip()
        if self.form in (Form.LINE, Form.ZONE):
            return self.check(self._choice(stripped))
        if self.form is Form.TEXT:
            return self.check(text)
        try:
            return self.check(yaml.safe_load(stripped))
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            place = f", column {mark.column + 1}" if mark else ""
            raise self._refused(text, f"{self.expected}{place}") from None

    @property
    def expected(self) -> str:
        """What a value must be, for error texts."""
        if self.choices:
            return " | ".join(self.choices)
        span = "" if self.minimum is None else f" {self.minimum:g}…{self.maximum:g}"
        return f"{self.form}{span}"

    def _choice(self, text: str) -> str:
        folded = {choice.casefold(): choice for choice in self.choices}
        return folded.get(text.casefold(), text)

    def _has_type(self, value: object) -> bool:
        if isinstance(value, bool) and self.form is not Form.SWITCH:
            return False
        if self.form is Form.LIST:
            return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
        return isinstance(value, _TYPES[self.form])

    def _fits(self, value: object) -> bool:
        if isinstance(value, str):
            return self._fits_text(value)
        if isinstance(value, int | float) and self.minimum is not None:
            assert self.maximum is not None
            return math.isfinite(value) and self.minimum <= value <= self.maximum
        return True

    def _fits_text(self, value: str) -> bool:
        if self.form is Form.ZONE:
            return _is_zone(value)
        if self.choices:
            return value in self.choices
        return len(value) <= _LONGEST[self.form] and (self.form is Form.TEXT or "\n" not in value)

    def _refused(self, value: object, expected: str = "") -> InvalidOption:
        shown = str(value)[:80]
        expected = expected or self.expected
        return InvalidOption(
            f"{self.key} does not take this", key=self.key, value=shown, expected=expected
        )


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
class Resolved(Mapping[Option[Any], Any]):
    """The values that hold for one reply. `resolved[OPTION]` is typed as the option is."""

    _values: Mapping[str, Any] = field(default_factory=dict)
    _sources: Mapping[str, tuple[Scope, int]] = field(default_factory=dict)
    _options: Sequence[Option[Any]] = ()

    def __getitem__(self, option: Option[T]) -> T:
        return cast(T, self._values.get(option.key, option.default))

    def __iter__(self) -> Iterator[Option[Any]]:
        return iter(self._options)

    def __len__(self) -> int:
        return len(self._options)

    def why(self, option: Option[Any]) -> tuple[Scope, int] | None:
        """The scope that won, and whose; None where the default holds."""
        return self._sources.get(option.key)


def resolve(options: Mapping[str, Option[Any]], stored: Sequence[Stored]) -> Resolved:
    """The narrowest value of each option among the rows in reach of a place.

    Rows of unknown keys and values that no longer fit (older versions wrote them) are passed over.
    """
    values: dict[str, Any] = {}
    sources: dict[str, tuple[Scope, int]] = {}
    for row in sorted(stored, key=lambda row: LADDER.index(row.scope)):
        option = options.get(row.key)
        if option is None or row.key in values or row.scope not in option.scopes:
            continue
        try:
            values[row.key] = option.check(row.value)
        except InvalidOption:
            continue
        sources[row.key] = (row.scope, row.scope_id)
    return Resolved(values, sources, tuple(options.values()))
