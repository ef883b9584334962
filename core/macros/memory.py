"""Variables during one prompt: read through to what is stored, writes kept aside as effects."""

import json
import math
from collections.abc import Mapping
from typing import Any

from core.macros.effects import Value, VariableScope, VariableWrite
from core.macros.javascript import number, number_text, trim
from core.untrusted.surrogates import utf16_length

MAX_VARIABLE = 64 * 1024
"""Characters of one value, and of all names and values written in one prompt four times that."""
MAX_WRITTEN = 4 * MAX_VARIABLE
MAX_INDEX = 10_000


class Memory:
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
        """Forgets the variable."""
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
            VariableWrite(self._scope, name, _shortest(value))
            for name, value in self._changed.items()
        ]

    def _raw(self, name: str) -> Value | None:
        return self._changed[name] if name in self._changed else self._stored.get(name)


def _shortest(value: Value | None) -> Value | None:
    """Whole numbers as integers, as they are stored."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


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
