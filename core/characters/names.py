"""Names made fit to be shown on one line."""

import re
import unicodedata

from core.errors import InvalidOption
from core.reasons import Reason

MAX_STORED = 100
MAX_SHOWN = 80
SAME_NAME = 100
"""Things of one name that are told apart by a number."""
FALLBACK = "Unnamed"

_INVISIBLE = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}
_JOINERS = "\u200c\u200d"
"""Joiners shape emoji and Persian or Indic letters; they are kept between visible characters."""
_BLANK_LETTERS = "\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5"
"""Letters of Unicode that draw nothing."""


_TURNS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""They turn the direction of what follows, and so of lines around the name."""


_NUMBER = re.compile(r" \((?:[2-9]|[1-9]\d+)\)\Z")


def stored_name(text: str) -> str:
    """The name as the prompt uses it: one line, no control characters, 100 characters at most."""
    line = re.sub(r"\s+", " ", text)
    kept = (mark for mark in line if mark not in _TURNS and unicodedata.category(mark) != "Cc")
    return "".join(kept).strip()[:MAX_STORED]


def display_name(text: str) -> str:
    """The name as it is shown: visible characters only, 1 to 80 of them in UTF-16 units."""
    visible = "".join(mark for mark in stored_name(text) if _is_visible(mark) or mark in _JOINERS)
    line = re.sub(r"\s+", " ", visible).strip(" " + _JOINERS)
    if not any(_has_ink(mark) for mark in line):
        return FALLBACK
    units = line.encode("utf-16-le")[: MAX_SHOWN * 2]
    return units.decode("utf-16-le", "ignore").rstrip(" " + _JOINERS)


def numbered(name: str, number: int) -> str:
    """The name under which the second and later ones of the same name are told apart in lists."""
    return name if number < 2 else f"{name[: MAX_STORED - 6].rstrip()} ({number})"


def unnumbered(handle: str) -> str:
    """The name of a handle."""
    return _NUMBER.sub("", handle)


def title(text: str, fallback: str) -> str:
    """The name of a book or preset as it is kept and shown: as `display_name`, else `fallback`."""
    return display_name(fallback if is_blank(text) else text)


def is_blank(text: str) -> bool:
    """Whether nothing of the name could be seen."""
    return not any(_has_ink(mark) for mark in stored_name(text))


def has_ink(text: str) -> bool:
    """Whether anything of a text can be seen."""
    return any(map(_has_ink, text))


def check_name(text: str) -> None:
    """Raises InvalidOption for a name that nobody could see or call."""
    if is_blank(text):
        raise InvalidOption(Reason.NAME_INVISIBLE, key="name")


def _is_visible(mark: str) -> bool:
    return unicodedata.category(mark) not in _INVISIBLE and mark not in _BLANK_LETTERS


def _has_ink(mark: str) -> bool:
    return _is_visible(mark) and not mark.isspace() and not unicodedata.combining(mark)
