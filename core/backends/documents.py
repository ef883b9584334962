"""Reading JSON that a stranger wrote: never a crash, never a wrong type."""

import json
import re
from typing import Any

from core.errors import BadAnswer
from core.reasons import Reason

MOST = 2**53
"""Larger numbers are nothing a server counts; JSON's own numbers end there too."""

_SPACE = re.compile(r"\s*")
# Some servers write line breaks into strings as they are.
_DECODER = json.JSONDecoder(strict=False)


def read_json(text: str) -> Any:
    """The document. Raises BadAnswer for anything that is not JSON we would read."""
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        # RecursionError: about 1,000 levels of nesting; ValueError also: 4,300 digits.
        raise BadAnswer(Reason.NOT_JSON) from error


def documents(text: str) -> tuple[list[Any], str]:
    """The documents that stand one after the other, and what follows that is none."""
    found: list[Any] = []
    text, place = text.strip(), 0
    while place < len(text):
        try:
            document, end = _DECODER.raw_decode(text, place)
        except (ValueError, RecursionError):
            break
        found.append(document)
        space = _SPACE.match(text, end)
        place = space.end() if space else end
    return found, text[place:]


def at(document: Any, *path: str | int) -> Any:
    """The value at a path of keys and indexes; None where the path ends early."""
    for step in path:
        if isinstance(step, int):
            if not isinstance(document, list) or not -len(document) <= step < len(document):
                return None
            document = document[step]
        elif isinstance(document, dict):
            document = document.get(step)
        else:
            return None
    return document


def text_at(document: Any, *path: str | int) -> str:
    """The string at a path, else the empty string."""
    value = at(document, *path)
    return value if isinstance(value, str) else ""


def number_at(document: Any, *path: str | int) -> int | None:
    """The count at a path, also one written as a string; None for what counts nothing."""
    value = at(document, *path)
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = int(value) if isinstance(value, int | float | str) else -1
    except (ValueError, OverflowError):
        return None
    return number if 0 <= number <= MOST else None


def list_at(document: Any, *path: str | int) -> list[Any]:
    """The list at a path, else an empty one."""
    value = at(document, *path)
    return value if isinstance(value, list) else []


def dicts_at(document: Any, *path: str | int) -> list[dict[str, Any]]:
    """The objects of the list at a path."""
    return [item for item in list_at(document, *path) if isinstance(item, dict)]
