"""Variables that macros set: as they are stored, during one prompt, and as writes to be kept."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from core.macros.javascript import is_false, number, number_text, trim
from core.untrusted.surrogates import utf16_length

Value = str | int | float

MAX_VARIABLE = 64 * 1024
"""Characters of one value, and of all names and values written in one prompt four times that."""
MAX_WRITTEN = 4 * MAX_VARIABLE
MAX_INDEX = 10_000


Operand = Callable[[], str]
"""Gives the text behind the operator; called only when it is needed."""


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


@dataclass(frozen=True, slots=True)
class Variables:
    local: Mapping[str, Value] = field(default_factory=dict)
    shared: Mapping[str, Value] = field(default_factory=dict)


class WorkingVariables:
    """The variables of one scope. Nothing is written to the store; `writes` says what is wanted."""

    def __init__(self, scope: VariableScope, stored: Mapping[str, Value]) -> None:
        self._scope = scope
        self._stored = stored
        self._changed: dict[str, Value | None] = {}
        self._written = 0

    def has(self, name: str) -> bool:
        """Whether there is such a variable, even an empty one."""
        return self._raw(name) is not None

    def get(self, name: str) -> Value:
        """The value; a numeric text comes as a number, a missing one as empty text."""
        return _typed(self._raw(name))

    def set(self, name: str, value: Value) -> None:
        """Replaces the value; one beyond the size limit is ignored."""
        size = len(name) + len(value if isinstance(value, str) else "")
        if size <= MAX_VARIABLE and self._written + size <= MAX_WRITTEN:
            self._written += size
            self._changed[name] = value

    def delete(self, name: str) -> None:
        if self._raw(name) is not None:
            self._changed[name] = None

    def add(self, name: str, value: Value) -> Value:
        """Adds numbers, appends to lists and texts; gives the new value."""
        current = self.get(name) or 0
        listed = _document(current)
        if isinstance(listed, list):
            appended = _json([*listed, value])
            self.set(name, appended)
            return appended
        left, right = number(text_of(current)), number(text_of(value))
        if math.isnan(left) or math.isnan(right):
            self.set(name, ("" if current == 0 else text_of(current)) + text_of(value))
        else:
            self.set(name, left + right)
        return self.get(name)

    def get_key(self, name: str, key: str) -> Value:
        """One element of a variable that holds a JSON list or object."""
        document = _document(self._raw(name))
        if document is None:
            return self.get(name)
        found = _element(document, key)
        return _typed(_json(found) if isinstance(found, dict | list) else _scalar(found))

    def set_key(self, name: str, key: str, value: str) -> None:
        """Sets one element; a new variable becomes a list for a numeric key, else an object."""
        raw, index = self._raw(name), number(key)
        document = _document(raw) if raw is not None else {} if math.isnan(index) else []
        if isinstance(document, dict):
            document[key if math.isnan(index) else number_text(index)] = value
        elif isinstance(document, list) and index == index // 1 and 0 <= index <= MAX_INDEX:
            document.extend([None] * (int(index) + 1 - len(document)))
            document[int(index)] = value
        else:
            return
        self.set(name, _json(document))

    @property
    def writes(self) -> list[VariableWrite]:
        """The new values, in the order in which the variables were first touched."""
        return [
            # Whole numbers are stored as integers.
            VariableWrite(
                self._scope,
                name,
                int(value) if isinstance(value, float) and value.is_integer() else value,
            )
            for name, value in self._changed.items()
        ]

    def _raw(self, name: str) -> Value | None:
        return self._changed[name] if name in self._changed else self._stored.get(name)


def operate(variables: WorkingVariables, name: str, operator: str, operand: Operand) -> str:
    """What the shorthand gives; its write stays in `variables`."""
    match operator:
        case "":
            return text_of(variables.get(name))
        case "++" | "--":
            return text_of(variables.add(name, 1 if operator == "++" else -1))
        case "=":
            variables.set(name, operand())
            return ""
        case "+=":
            variables.add(name, operand())
            return ""
        case "-=":
            if not math.isnan(amount := number(operand())):
                variables.add(name, -amount)
            return ""
        case "||" | "||=" | "??" | "??=":
            return _fallback(variables, name, operator, operand)
        case _:
            return "true" if _compare(variables, name, operator, operand()) else "false"


def _fallback(variables: WorkingVariables, name: str, operator: str, operand: Operand) -> str:
    """`||` looks at the value, `??` at whether there is one; with `=` the fallback is kept."""
    value = variables.get(name)
    text = text_of(value)
    missing = not variables.has(name) if operator.startswith("??") else not value or is_false(text)
    if not missing:
        return text
    fallback = operand()
    if operator.endswith("="):
        variables.set(name, fallback)
    return fallback


def _compare(variables: WorkingVariables, name: str, operator: str, operand: str) -> bool:
    value = variables.get(name)
    if operator in ("==", "!="):
        return (text_of(value) == operand) == (operator == "==")
    left, right = number(text_of(value)), number(operand)
    if math.isnan(left) or math.isnan(right):
        return False
    return {">": left > right, ">=": left >= right, "<": left < right, "<=": left <= right}[
        operator
    ]


def text_of(value: Value) -> str:
    """A value as macros print it."""
    return value if isinstance(value, str) else number_text(value)


def _typed(value: Value | None) -> Value:
    if value is None or (isinstance(value, str) and not trim(value)):
        return value or ""
    numeric = number(text_of(value))
    return value if math.isnan(numeric) else numeric


def _document(value: Value | None) -> Any:
    try:
        return json.loads(text_of(value)) if value is not None else None
    except (ValueError, RecursionError):
        return None


def _element(document: Any, key: str) -> Any:
    index = number(key)
    if isinstance(document, dict):
        return document.get(key if math.isnan(index) else number_text(index))
    if isinstance(document, list | str) and key == "length":
        return len(document) if isinstance(document, list) else utf16_length(document)
    if isinstance(document, list | str) and index == index // 1 and 0 <= index < len(document):
        return document[int(index)]
    return None


def _scalar(value: Any) -> Value | None:
    if isinstance(value, bool):
        return "true" if value else None
    return value if isinstance(value, str | int | float) else None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
