"""A JavaScript pattern ready for the `regex` module."""

import re
from dataclasses import dataclass

from core.errors import InvalidRegex
from core.patterns.translate import Translator
from core.reasons import Reason

MAX_LENGTH = 4096
MAX_NESTING = 8

_LITERAL = re.compile(r"/(.+?)/([gimsuy]*)\Z", re.DOTALL)
_OPEN_SLASH = re.compile(r"(?:^|[^\\])/")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern that JavaScript would take.

    `text` is for the `regex` module (version 0); `by_units` says that the subject has to be
    given as UTF-16 units; `work` bounds the comparisons at one place of the subject, infinite
    where no bound is known. A pattern over our limits has an empty `text` and says why in
    `refused`.
    """

    source: str
    flags: str
    text: str = ""
    by_units: bool = True
    work: float = 0
    refused: str = ""

    def __str__(self) -> str:
        return f"/{self.source}/{self.flags}"


def parse_pattern(source: str, flags: str) -> Pattern:
    """Reads `source` as `new RegExp(source, flags)` does. Raises InvalidRegex."""
    if len(set(flags)) != len(flags) or set(flags) - set("gimsuy"):
        raise InvalidRegex(Reason.PATTERN_FLAGS, pattern=source)
    if len(source) > MAX_LENGTH:
        return Pattern(source, flags, refused=f"longer than {MAX_LENGTH} characters")
    translator = Translator(source, flags, MAX_NESTING)
    result = translator.translate()
    if translator.too_deep:
        return Pattern(source, flags, refused=f"more than {MAX_NESTING} nested groups")
    return Pattern(
        source,
        flags,
        result.text,
        by_units="u" not in flags,
        work=result.work,
    )


def parse_literal(text: str) -> Pattern | None:
    """Reads `/pattern/flags`; None where the text is no such thing or no valid pattern.

    As in SillyTavern a `/` inside has to be written `\\/`.
    """
    found = _LITERAL.match(text)
    if found is None or _OPEN_SLASH.search(found[1]):
        return None
    try:
        return parse_pattern(found[1].replace("\\/", "/", 1), found[2])
    except InvalidRegex:
        return None
