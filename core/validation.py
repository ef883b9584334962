"""What a field that pydantic refused would have taken: its own English is for programmers."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pydantic_core import ErrorDetails


class ValueType(StrEnum):
    """What a field of a document takes, if not one of a few words or a number in bounds."""

    SWITCH = "switch"
    WHOLE_NUMBER = "whole number"
    NUMBER = "number"
    TEXT = "text"
    FILLED_TEXT = "filled text"
    LIST = "list"
    GROUP = "group"


class Side(StrEnum):
    """How a value may lie to a number."""

    AT_LEAST = "at least"
    ABOVE = "above"
    NO_LONGER_THAN = "no longer than"


@dataclass(frozen=True, slots=True)
class Bound:
    """A number that the value, or its count of characters, has to be at or on one side of."""

    side: Side
    number: float


Expected = str | ValueType | Bound
"""A plain text is a word to be written as it is."""

# By the beginning of pydantic's name for the fault.
_TYPES: Mapping[str, ValueType] = {
    "bool_": ValueType.SWITCH,
    "int_": ValueType.WHOLE_NUMBER,
    "float_": ValueType.NUMBER,
    "finite_number": ValueType.NUMBER,
    "string_type": ValueType.TEXT,
    # The only shortest length that is asked for anywhere is one character.
    "string_too_short": ValueType.FILLED_TEXT,
    "string_unicode": ValueType.TEXT,
    "path_type": ValueType.TEXT,
    "list_type": ValueType.LIST,
    "tuple_type": ValueType.LIST,
    "set_type": ValueType.LIST,
    "frozen_set_type": ValueType.LIST,
    "dict_type": ValueType.GROUP,
    "mapping_type": ValueType.GROUP,
    "model_": ValueType.GROUP,
}
_BOUNDS: Mapping[str, tuple[Side, str]] = {
    "greater_than_equal": (Side.AT_LEAST, "ge"),
    "greater_than": (Side.ABOVE, "gt"),
    "string_too_long": (Side.NO_LONGER_THAN, "max_length"),
}
_quoted = re.compile(r"'([^']*)'")


def expected(faults: Iterable[ErrorDetails]) -> tuple[Expected, ...]:
    """What would have fitted, one of each form that was tried; empty where there is no word for it.

    Values are left out: one may be a secret.
    """
    return tuple(dict.fromkeys(form for fault in faults for form in _forms(fault)))


def _forms(fault: ErrorDetails) -> list[Expected]:
    name, context = fault["type"], fault.get("ctx", {})
    if name in ("literal_error", "enum"):
        return list(_quoted.findall(str(context.get("expected"))))
    if name in _BOUNDS:
        side, key = _BOUNDS[name]
        return [Bound(side, context[key])]
    return [kind for start, kind in _TYPES.items() if name.startswith(start)]
