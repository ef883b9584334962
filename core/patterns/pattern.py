"""Reads a JavaScript pattern by ECMAScript's grammar and writes it for the `regex` module."""

import re
from dataclasses import dataclass, replace

from core.errors import InvalidRegex
from core.patterns import characters
from core.patterns.escapes import (
    EMPTY,
    Escapes,
    Fragment,
    alternatives,
    group,
    look,
    one_of,
    repeated,
    sequence,
)
from core.reasons import Reason

MAX_LENGTH = 4096
MAX_NESTING = 8

_LITERAL = re.compile(r"/(.+?)/([gimsuy]*)\Z", re.DOTALL)
_OPEN_SLASH = re.compile(r"(?:^|[^\\])/")
_QUANTIFIER = re.compile(r"([*+?]|\{(\d+)(,?)(\d*)\})(\??)", re.ASCII)
_NAME = re.compile(r"\(\?<([^=!>][^>]*)>")
_MODIFIERS = re.compile(r"\(\?([ims]*)(?:-([ims]*))?:")
_LOOKS = {"(?=": False, "(?!": False, "(?<=": True, "(?<!": True}
_MAX_REPEAT = 100_000
"""More than the longest subject has characters."""


class Translator(Escapes):
    """One pass over one pattern. After `translate`, `too_deep` tells whether it gave up.

    Known to differ: groups keep what they captured in an earlier round of a repetition, a round
    that matches nothing ends a repetition, and `\\P{…}` with the flags i and u is not folded.
    """

    def __init__(self, source: str, flags: str) -> None:
        super().__init__(source, flags)
        self.too_deep = False
        self.sticky = "y" in flags

    def translate(self) -> Fragment:
        """The whole pattern. Raises InvalidRegex where JavaScript raises SyntaxError."""
        self._count_groups()
        result = self._disjunction(0)
        if self.position < len(self.source):
            raise self.error(Reason.PATTERN_BRACKET)
        return replace(result, text=rf"\G(?:{result.text})") if self.sticky else result

    def _count_groups(self) -> None:
        bare = re.sub(r"\\[\s\S]|\[(?:[^\]\\]|\\[\s\S])*\]", "..", self.source)
        self.groups = len(re.findall(r"\((?!\?)|\(\?<(?![=!])", bare))
        self.has_names = "(?<" in bare and _NAME.search(bare) is not None

    def _disjunction(self, depth: int) -> Fragment:
        options = [self._sequence(depth)]
        while self.peek() == "|":
            self.position += 1
            options.append(self._sequence(depth))
        return alternatives(options)

    def _sequence(self, depth: int) -> Fragment:
        items: list[Fragment] = []
        while self.position < len(self.source) and self.peek() not in "|)":
            item = self._term(depth)
            items.append(self._quantified(item))
        return sequence(items)

    def _quantified(self, item: Fragment) -> Fragment:
        found = self.take(_QUANTIFIER)
        if found is None:
            return item
        if not item.can_repeat:
            raise self.error(Reason.PATTERN_REPEAT)
        lazy = found[5] == "?"
        if found[2] is None:
            least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}[found[1]]
            return repeated(item, least, most, lazy)
        least = int(found[2][:9])
        most = int(found[4][:9]) if found[4] else None if found[3] else least
        if most is not None and most < least:
            raise self.error(Reason.PATTERN_RANGE)
        least = min(least, _MAX_REPEAT)
        return repeated(item, least, None if most is None else min(most, _MAX_REPEAT), lazy)

    def _term(self, depth: int) -> Fragment:
        letter = self.source[self.position]
        if letter == "(":
            return self._parenthesis(depth)
        if letter == "[":
            return self.read_class()
        if letter == "\\":
            return self.read_escape()
        self.position += 1
        if letter in "^$":
            return self._edge(letter)
        if letter == ".":
            ends = () if self.dot_all else characters.LINE_ENDS
            return one_of(ends, negated=True)
        is_counted = self.unicode or _QUANTIFIER.match(self.source, self.position - 1) is not None
        if letter in "*+?" or (letter == "{" and is_counted):
            raise self.error(Reason.PATTERN_REPEAT)
        if letter in "{}]" and self.unicode:
            raise self.error(Reason.PATTERN_BRACKET)
        return self.literal(ord(letter))

    def _edge(self, letter: str) -> Fragment:
        line_end = r"[\n\r\u2028\u2029]"
        if letter == "^":
            text = rf"(?:\A|(?<={line_end}))" if self.multiline else r"\A"
        else:
            text = rf"(?={line_end}|\Z)" if self.multiline else r"\Z"
        return Fragment(text, can_repeat=False)

    def _parenthesis(self, depth: int) -> Fragment:
        if depth >= MAX_NESTING:
            self.too_deep = True
            self.position = len(self.source)
            return EMPTY
        for opening, behind in _LOOKS.items():
            if self.source.startswith(opening, self.position):
                return self._look(opening, behind, depth)
        modifiers = self.take(_MODIFIERS)
        if modifiers is not None:
            return self._modified(modifiers, depth)
        if self.source.startswith("(?", self.position):
            return self._named(depth)
        self.position += 1
        return self._captured(depth)

    def _look(self, opening: str, behind: bool, depth: int) -> Fragment:
        self.position += len(opening)
        before = self.behind
        self.behind = behind
        inner = self._disjunction(depth + 1)
        self.behind = before
        self._close()
        return look(inner, opening, can_repeat=not behind and not self.unicode)

    def _modified(self, found: re.Match[str], depth: int) -> Fragment:
        on, off = found[1], found[2]
        named = on + (off or "")
        if len(set(named)) != len(named) or (off is not None and not named):
            raise self.error(Reason.PATTERN_GROUP)
        before = self.ignore_case, self.multiline, self.dot_all
        self.ignore_case = ("i" in on) or (self.ignore_case and "i" not in (off or ""))
        self.multiline = ("m" in on) or (self.multiline and "m" not in (off or ""))
        self.dot_all = ("s" in on) or (self.dot_all and "s" not in (off or ""))
        inner = self._disjunction(depth + 1)
        self.ignore_case, self.multiline, self.dot_all = before
        self._close()
        return group(inner, "(?:")

    def _named(self, depth: int) -> Fragment:
        found = self.take(_NAME)
        name = found[1].replace("$", "_") if found else ""
        if found is None or not name.isidentifier() or found[1] in self.names:
            raise self.error(Reason.PATTERN_GROUP)
        self.names[found[1]] = self.opened + 1
        return self._captured(depth)

    def _captured(self, depth: int) -> Fragment:
        self.opened += 1
        number = self.opened
        self.open_groups.add(number)
        inner = self._disjunction(depth + 1)
        self.open_groups.discard(number)
        self._close()
        return group(inner, "(")

    def _close(self) -> None:
        if self.too_deep:
            return
        if self.peek() != ")":
            raise self.error(Reason.PATTERN_BRACKET)
        self.position += 1


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern that JavaScript would take.

    `text` is for the `regex` module (version 0); `by_units` says that the subject has to be
    given as UTF-16 units; `work` bounds the comparisons at one place of the subject, infinite
    where no bound is known; `names` are its named groups with their numbers. A pattern over our
    limits has an empty `text` and says why in `refused`.
    """

    source: str
    flags: str
    text: str = ""
    by_units: bool = True
    work: float = 0
    names: tuple[tuple[str, int], ...] = ()
    refused: str = ""

    def __str__(self) -> str:
        return f"/{self.source}/{self.flags}"


def parse_pattern(source: str, flags: str) -> Pattern:
    """Reads `source` as `new RegExp(source, flags)` does. Raises InvalidRegex."""
    if len(set(flags)) != len(flags) or set(flags) - set("gimsuy"):
        raise InvalidRegex(Reason.PATTERN_FLAGS, pattern=source)
    if len(source) > MAX_LENGTH:
        return Pattern(source, flags, refused=f"longer than {MAX_LENGTH} characters")
    translator = Translator(source, flags)
    result = translator.translate()
    if translator.too_deep:
        return Pattern(source, flags, refused=f"more than {MAX_NESTING} nested groups")
    return Pattern(
        source,
        flags,
        result.text,
        by_units="u" not in flags,
        work=result.work,
        names=tuple(translator.names.items()),
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
