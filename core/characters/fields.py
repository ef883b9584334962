"""Fields of outside documents brought to their type, and what was found wrong in them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Any, TypeVar

from core.untrusted.text import FileText


class Problem(StrEnum):
    """What happened to a field; `bot.wording.values` has the sentence about it."""

    DROPPED = auto()
    """`found` stands where `expected` should."""
    CONVERTED = auto()
    DEFAULTED = auto()
    """As `DROPPED`; `expected` is the value that is used instead."""
    CUT = auto()
    TOO_MANY = auto()
    KEY_TOO_LONG = auto()
    """Left out: cut, a key would match what its author did not mean."""
    OUT_OF_RANGE = auto()
    CONTRADICTS = auto()
    MISSING = auto()
    UNREADABLE = auto()
    NO_PICTURE = auto()
    TOO_WIDE = auto()
    MORE_FILES = auto()
    OTHER_MAKER = auto()
    """`found` made the file; it was turned into ours."""
    UNUSED = auto()
    """A field that has no counterpart here; kept in the card, where there is one."""
    MODEL_SETTINGS = auto()
    """`found` are the names of settings for the model, which are no part of a card."""
    NO_STORY = auto()
    """`limit` messages or chats of a story, which are no part of a card."""
    FIRST_ONLY = auto()
    """`limit` characters in one file."""
    BAD_PATTERN = auto()
    """`found` is a key between slashes that is no pattern; it counts as plain words."""
    NO_ENTRIES = auto()
    ENCODING = auto()
    """`found` is the encoding of the whole file."""
    DAMAGED_TEXT = auto()
    """`limit` characters of the file could not be read."""


class Shape(StrEnum):
    """What a JSON value is, as far as it matters where another is wanted."""

    EMPTY = auto()
    SWITCH = auto()
    NUMBER = auto()
    WHOLE_NUMBER = auto()
    WORDS = auto()
    ITEMS = auto()
    LIST_OF_WORDS = auto()
    OBJECT = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class Remark:
    """One finding. `field` is the path in the document, for example `data.tags[3]`.

    `found` and `expected` are shapes, or values as they stand in the document.
    """

    field: str
    problem: Problem
    found: str = ""
    expected: str = ""
    limit: int = 0


def remarks_about(file: FileText) -> tuple[Remark, ...]:
    """What is to be known about a text file before its contents are looked at."""
    odd = [Remark("", Problem.ENCODING, file.encoding)] if file.encoding else []
    if file.unreadable:
        odd.append(Remark("", Problem.DAMAGED_TEXT, limit=file.unreadable))
    return tuple(odd)


_SHAPES = {
    type(None): Shape.EMPTY,
    bool: Shape.SWITCH,
    int: Shape.NUMBER,
    float: Shape.NUMBER,
    str: Shape.WORDS,
    list: Shape.ITEMS,
    dict: Shape.OBJECT,
}


def shape_of(value: object) -> Shape:
    """What a JSON value is that stands in the wrong place."""
    return _SHAPES.get(type(value), Shape.OTHER)


MAX_TEXT = 256 * 1024
"""Characters of one text field; the largest real card is 101 kB in all."""
MAX_REMARKS = 200
"""Findings kept about one document; a hostile one could have a million."""
MAX_ITEMS = 100
"""Alternate greetings, tags and the like."""
FAR = 1_000_000
"""Beyond any sensible depth, order or number of messages."""

Default = TypeVar("Default", bound=bool | None)


class FieldReader:
    """Reads one object's fields and notes what had to be changed.

    A field may have several spellings; the first that the file uses counts. Which names were
    asked for is remembered, so that the rest can be kept.
    """

    def __init__(self, document: dict[str, Any], path: str, remarks: list[Remark]) -> None:
        self.document = document
        self.path = path
        self.remarks = remarks
        self._known: set[str] = set()

    def find(self, *names: str) -> tuple[str, Any]:
        """The spelling that the file uses, and the value; the first spelling where it has none."""
        self._known.update(names)
        for name in names:
            value = self.document.get(name)
            if value is not None:
                return name, value
        return names[0], None

    @property
    def rest(self) -> dict[str, Any]:
        return {name: value for name, value in self.document.items() if name not in self._known}

    def note(self, name: str, problem: Problem, **facts: Any) -> None:
        if len(self.remarks) < MAX_REMARKS:
            path = f"{self.path}.{name}" if self.path else name
            self.remarks.append(Remark(path, problem, **facts))

    def text(self, *names: str, limit: int = MAX_TEXT) -> str:
        """A text; null is empty, numbers and yes/no become text, lists and objects are dropped."""
        return self._text(*self.find(*names), limit)

    def texts(self, *names: str, limit: int = MAX_ITEMS) -> list[str]:
        """A list of texts; a single text stands for a list of one."""
        name, value = self.find(*names)
        if isinstance(value, str):
            self.note(name, Problem.CONVERTED, found=Shape.WORDS, expected=Shape.LIST_OF_WORDS)
            value = [value] if value else []
        items = self._list(name, value, Shape.LIST_OF_WORDS, limit)
        return [
            self._text(f"{name}[{index}]", item, MAX_TEXT)
            for index, item in enumerate(items)
            if isinstance(item, str) or self._is_word(f"{name}[{index}]", item)
        ]

    def object(self, *names: str) -> dict[str, Any]:
        """An object; anything else is dropped."""
        name, value = self.find(*names)
        if isinstance(value, dict):
            return value
        if value is not None:
            self.note(name, Problem.DROPPED, found=shape_of(value), expected=Shape.OBJECT)
        return {}

    def objects(self, name: str, limit: int) -> list[dict[str, Any]]:
        """A list of objects; other items are dropped."""
        kept = []
        for index, item in enumerate(self._list(*self.find(name), Shape.ITEMS, limit)):
            if isinstance(item, dict):
                kept.append(item)
            else:
                found = shape_of(item)
                self.note(f"{name}[{index}]", Problem.DROPPED, found=found, expected=Shape.OBJECT)
        return kept

    def integer(self, *names: str, default: int = 0, low: int = -FAR, high: int = FAR) -> int:
        """A whole number in a range; a numeric text counts, anything else is the default."""
        name, value = self.find(*names)
        if value is None:
            return default
        number = _number(value)
        if number is None:
            self.note(name, Problem.DEFAULTED, found=shape_of(value), expected=str(default))
            return default
        whole = int(min(max(number, low), high))
        if not low <= number <= high:
            self.note(name, Problem.OUT_OF_RANGE, expected=str(whole))
        elif isinstance(value, str | bool) or whole != number:
            self.note(name, Problem.CONVERTED, found=shape_of(value), expected=Shape.WHOLE_NUMBER)
        return whole

    def flag(self, *names: str, default: Default) -> bool | Default:
        """Yes or no; the usual words and 0 and 1 count, anything else is the default."""
        name, value = self.find(*names)
        if value is None or isinstance(value, bool):
            return default if value is None else value
        known = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}
        word = str(value).strip().lower() if isinstance(value, str | int | float) else ""
        problem = Problem.CONVERTED if word in known else Problem.DROPPED
        self.note(name, problem, found=shape_of(value), expected=Shape.SWITCH)
        return known.get(word, default)

    def one_of(self, name: str, choices: Sequence[str], default: str) -> str:
        """A word out of `choices`; letter case does not matter. A number picks by place."""
        name, value = self.find(name)
        if value is None:
            return default
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(choices):
            return choices[value]
        word = value.strip().lower() if isinstance(value, str) else ""
        if word not in choices:
            self.note(
                name,
                Problem.DEFAULTED,
                found=_shown(value),
                expected=default,
            )
        return word if word in choices else default

    def _list(self, name: str, value: Any, expected: str, limit: int) -> list[Any]:
        if isinstance(value, dict) and value:
            self.note(name, Problem.CONVERTED, found=Shape.OBJECT, expected=expected)
            value = list(value.values())
        if isinstance(value, list):
            if len(value) > limit:
                self.note(name, Problem.TOO_MANY, limit=limit)
            return value[:limit]
        if value not in (None, "", {}):
            self.note(name, Problem.DROPPED, found=shape_of(value), expected=expected)
        return []

    def _is_word(self, name: str, item: Any) -> bool:
        """Numbers and yes/no can become texts; anything else is no item of a list of texts."""
        if isinstance(item, bool | int | float):
            return True
        self.note(name, Problem.DROPPED, found=shape_of(item), expected=Shape.WORDS)
        return False

    def _text(self, name: str, value: Any, limit: int) -> str:
        if value is None:
            return ""
        if isinstance(value, dict | list):
            self.note(name, Problem.DROPPED, found=shape_of(value), expected=Shape.WORDS)
            return ""
        if not isinstance(value, str):
            self.note(name, Problem.CONVERTED, found=shape_of(value), expected=Shape.WORDS)
        text = value if isinstance(value, str) else _word(value)
        if len(text) > limit:
            self.note(name, Problem.CUT, limit=limit)
        return text[:limit]


def _word(value: float | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else str(value)


def _number(value: Any) -> float | None:
    try:
        number = float(value) if isinstance(value, str | int | float) else None
    except (ValueError, OverflowError):
        return None
    return number if number is not None and math.isfinite(number) else None


def _shown(value: Any) -> str:
    return f"“{value[:40]}”" if isinstance(value, str) else shape_of(value)
