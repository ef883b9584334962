"""What was found wrong in a document that could be read all the same."""

from dataclasses import dataclass
from enum import StrEnum, auto


class Problem(StrEnum):
    """What happened to a field; `bot.wording.remarks` has the sentence about it."""

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
