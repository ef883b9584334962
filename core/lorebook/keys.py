"""Keys of entries: plain texts that an index finds all at once, and patterns."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from core.patterns import Pattern, parse_literal
from core.patterns.characters import WHITE

MAX_REMEMBERED = 2048
"""Texts whose finds are kept; a scan looks at most at 1,000 messages."""
MAX_CHARACTERS = 500_000_000
"""Characters looked at while verifying keys in one text; further keys count as absent."""
FEW = 32
"""Up to so many keys are searched one by one, which is cheaper than cutting up the text."""

_WORDS = re.compile(r"[A-Za-z0-9_]+")
_SPACE = re.compile(f"[{WHITE}]")
_MACRO = re.compile(r"\{\{|\\[{}]|<(?:user|bot|char|group|charifnotgroup)>", re.IGNORECASE)
_GRAM_SIZES = (8, 4, 2, 1)


def is_word(letter: str) -> bool:
    """What JavaScript's `\\w` takes: ASCII only, so that `caf` is a whole word in `café`."""
    return letter.isascii() and (letter.isalnum() or letter == "_")


def occurs(key: str, text: str, whole: bool) -> bool:
    """Whether the key stands in the text; `whole`: with no word character at either side."""
    start = text.find(key)
    if not whole:
        return start >= 0
    while start >= 0:
        end = start + len(key)
        if (start == 0 or not is_word(text[start - 1])) and (
            end == len(text) or not is_word(text[end])
        ):
            return True
        start = text.find(key, start + 1)
    return False


class _Keys:
    """Keys of one case mode, filed under something that must occur where they occur."""

    def __init__(self) -> None:
        self.all: list[tuple[str, bool, int]] = []
        self.words: dict[str, int] = {}
        self.by_word: dict[str, list[tuple[str, bool, int]]] = {}
        self.by_gram: dict[int, dict[str, list[tuple[str, bool, int]]]] = {}

    def add(self, key: str, whole: bool, number: int) -> None:
        item = (key, whole, number)
        self.all.append(item)
        words = _WORDS.findall(key) if whole else []
        if words == [key]:
            self.words[key] = number
        elif words:
            self.by_word.setdefault(max(words, key=len), []).append(item)
        else:
            self._add_gram(item)

    def _add_gram(self, item: tuple[str, bool, int]) -> None:
        key = item[0]
        size = next(size for size in _GRAM_SIZES if size <= len(key))
        filed = self.by_gram.setdefault(size, {})
        grams = [key[at : at + size] for at in range(len(key) - size + 1)]
        filed.setdefault(min(grams, key=lambda gram: len(filed.get(gram, ()))), []).append(item)

    def candidates(self, text: str, hits: set[int]) -> Iterator[list[tuple[str, bool, int]]]:
        """Lists of keys that may occur; those that do for certain go into `hits` at once."""
        if len(self.all) <= FEW:
            yield self.all
            return
        if self.words or self.by_word:
            words = set(_WORDS.findall(text))
            hits.update(self.words[word] for word in self.words.keys() & words)
            yield from (self.by_word[word] for word in self.by_word.keys() & words)
        for size, filed in self.by_gram.items():
            find = filed.get
            cuts = range(len(text) - size + 1)
            yield from [found for at in cuts if (found := find(text[at : at + size])) is not None]


class KeyIndex:
    """Plain keys, each with a number; the same key in the same mode gets the same one."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, bool, bool], int] = {}
        self._folded = _Keys()
        self._exact = _Keys()
        self.find = lru_cache(MAX_REMEMBERED)(self._search)
        """The numbers of all keys that occur in a text; remembered for unchanged texts."""

    def add(self, key: str, exact_case: bool, whole_words: bool) -> int:
        """Files a key and returns its number. A key with white space is never a "word"."""
        text = key if exact_case else key.lower()
        whole = whole_words and _SPACE.search(text) is None
        name = (text, exact_case, whole)
        if name not in self._numbers:
            self._numbers[name] = len(self._numbers)
            (self._exact if exact_case else self._folded).add(text, whole, self._numbers[name])
        return self._numbers[name]

    def _search(self, text: str) -> frozenset[int]:
        hits: set[int] = set()
        allowance = MAX_CHARACTERS
        for keys, variant in ((self._folded, text.lower()), (self._exact, text)):
            for candidates in keys.candidates(variant, hits) if keys.all else ():
                for key, whole, number in candidates:
                    allowance -= len(text)
                    if allowance > 0 and occurs(key, variant, whole):
                        hits.add(number)
        return frozenset(hits)


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
