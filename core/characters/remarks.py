"""What was found wrong in a document that could be read all the same."""

from dataclasses import dataclass
from enum import StrEnum


class Problem(StrEnum):
    """What happened to a field. The value is the English sentence about it."""

    DROPPED = "is {found} instead of {expected}, left out"
    CONVERTED = "is {found} instead of {expected}, converted"
    CUT = "is longer than {limit} characters, cut"
    TOO_MANY = "has more than {limit} items, the rest left out"
    OUT_OF_RANGE = "is out of range, set to {expected}"
    CONTRADICTS = "differs from {found}; {expected} was used"
    MISSING = "is missing, {expected} is used"
    IGNORED = "is not used: {found}"


@dataclass(frozen=True, slots=True)
class Remark:
    """One finding. `field` is the path in the document, for example `data.tags[3]`."""

    field: str
    problem: Problem
    found: str = ""
    expected: str = ""
    limit: int = 0

    def __str__(self) -> str:
        text = self.problem.format(found=self.found, expected=self.expected, limit=self.limit)
        return f"{self.field} {text}"


_KINDS = {
    type(None): "empty",
    bool: "a yes/no value",
    int: "a number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "an object",
}


def kind_of(value: object) -> str:
    """What a JSON value is called when it stands in the wrong place."""
    return _KINDS.get(type(value), "something else")
