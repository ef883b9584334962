"""A key of an entry: plain text that an index finds, or a pattern."""

import re
from dataclasses import dataclass

from core.lorebook.index import KeyIndex, occurs
from core.patterns import Pattern, parse_literal
from core.patterns.characters import WHITE

_MACRO = re.compile(r"\{\{|\\[{}]|<(?:user|bot|char|group|charifnotgroup)>", re.IGNORECASE)
_SPACE = re.compile(f"[{WHITE}]")


@dataclass(frozen=True, slots=True)
class Key:
    """One key as a scan uses it: a number in an index, or a pattern; neither matches never,
    unless it is blank: white space alone matches whatever the text is.

    The index is the book's, or the scan's own for keys that had macros (`is_resolved`).
    """

    written: str
    id: int = -1
    is_resolved: bool = False
    pattern: Pattern | None = None
    is_blank: bool = False


@dataclass(frozen=True, slots=True)
class KeyMode:
    """How the plain keys of an entry are compared."""

    exact_case: bool
    whole_words: bool

    def stands(self, key: str, text: str) -> bool:
        """Whether the key stands in this one text. A key with white space is never a "word"."""
        if not self.exact_case:
            key, text = key.lower(), text.lower()
        return occurs(key, text, self.whole_words and _SPACE.search(key) is None)


def has_macro(key: str) -> bool:
    """Whether substitution may change the key."""
    return _MACRO.search(key) is not None


def read_key(written: str, mode: KeyMode, index: KeyIndex, substituted: str | None = None) -> Key:
    """Reads a key; plain ones join the index. `substituted`: what its macros made of it."""
    whole = written if substituted is None else substituted
    text = whole.strip(WHITE)
    if not text:
        return Key(written, is_blank=bool(whole))
    pattern = parse_literal(text)
    if pattern is not None:
        return Key(written, pattern=pattern)
    number = index.add(text, mode.exact_case, mode.whole_words)
    return Key(written, number, is_resolved=substituted is not None)
