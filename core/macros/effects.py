"""What macros want written; the engine commits it with the reply."""

from dataclasses import dataclass
from enum import StrEnum

Value = str | int | float


class VariableScope(StrEnum):
    """LOCAL belongs to the chat, GLOBAL to the server (in direct messages: the person)."""

    LOCAL = "local"
    GLOBAL = "global"


@dataclass(frozen=True, slots=True)
class VariableWrite:
    """One variable's new value; None deletes it."""

    scope: VariableScope
    name: str
    value: Value | None
