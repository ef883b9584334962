"""What brackets and backslashes mean in a JavaScript pattern, and the pieces it is rewritten in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import inf
from operator import mul

import regex

from core.errors import InvalidRegex
from core.patterns import characters
from core.patterns.characters import LAST_POINT, LAST_UNIT, Ranges
from core.reasons import Reason


@dataclass(frozen=True, slots=True)
class Fragment:
    """Text for the `regex` module. `paths` bounds the ways it can match at one place,

    `work` the single comparisons needed to try all of them; infinite where not known.
    """

    text: str
    paths: float = 1
    work: float = 1
    can_repeat: bool = True


EMPTY = Fragment("", work=0)


def escape(code: int) -> str:
    """One character, safe inside and outside of brackets."""
    letter = chr(code)
    if code < 0x80 and letter.isalnum():
        return letter
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def one_of(ranges: Ranges, properties: Sequence[str] = (), negated: bool = False) -> Fragment:
    """One character of the set, or outside of it."""
    if not ranges and not properties:
        return Fragment("(?s:.)" if negated else "(?!)")
    if ranges and ranges[0] == (0, LAST_POINT):
        return Fragment("(?!)" if negated else "(?s:.)")
    if len(ranges) == 1 and ranges[0][0] == ranges[0][1] and not properties and not negated:
        return Fragment(escape(ranges[0][0]))
    parts = [
        escape(low) if low == high else f"{escape(low)}-{escape(high)}" for low, high in ranges
    ]
    return Fragment(f"[{'^' if negated else ''}{''.join(parts)}{''.join(properties)}]")


def sequence(items: Sequence[Fragment]) -> Fragment:
    paths, work = 1.0, 0.0
    for item in items:
        work += paths * item.work if item.work else 0.0
        paths *= item.paths
    return Fragment("".join(item.text for item in items), paths, work)


def alternatives(options: Sequence[Fragment]) -> Fragment:
    if len(options) == 1:
        return options[0]
    return Fragment(
        "|".join(option.text for option in options),
        sum(option.paths for option in options),
        sum(option.work + 1 for option in options),
    )


def repeated(item: Fragment, least: int, most: int | None, lazy: bool) -> Fragment:
    """`item` again and again; `most` None = without end."""
    text = f"(?:{item.text})"
    bounds = f"{{{least},{'' if most is None else most}}}"
    paths, work = inf, inf
    if most is not None and most <= 1024:
        # A product that is too large is infinite, where a power would be a fault.
        factors = (item.paths for _ in range(most)) if item.paths < 1e6 else (inf,)
        powers = list(accumulate(factors, mul, initial=1.0))
        paths = sum(powers[least:]) or inf
        work = sum(powers) * (item.work + 1)
    return Fragment(text + bounds + ("?" if lazy else ""), paths, work)


def group(item: Fragment, opening: str) -> Fragment:
    return Fragment(f"{opening}{item.text})", item.paths, item.work + 1)


def look(item: Fragment, opening: str, can_repeat: bool) -> Fragment:
    """A look-around: once it has succeeded no other way through it is tried."""
    return Fragment(f"{opening}{item.text})", 1, item.work + 1, can_repeat)


_HEX = re.compile(r"x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})")
_POINT = re.compile(r"u\{([0-9A-Fa-f]+)\}")
_TRAIL = re.compile(r"\\u([Dd][C-Fc-f][0-9A-Fa-f]{2})")
_OCTAL = re.compile(r"[0-3][0-7]{0,2}|[4-7][0-7]?")
_NUMBER = re.compile(r"[1-9][0-9]*")
_PROPERTY = re.compile(r"[pP]\{([A-Za-z_]+(?:=[A-Za-z0-9_]+)?)\}")
_NAMED = re.compile(r"k<([^>]*)>")
_CONTROLS = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13}
_SYNTAX = "^$\\.*+?()[]{}|/"
_NOT_WORD_EDGE = "(?:(?<={0})(?={0})|(?<!{0})(?!{0}))"
_WORD_EDGE = "(?:(?<={0})(?!{0})|(?<!{0})(?={0}))"

ClassItem = tuple[Ranges, str]
"""A set of characters, and a Unicode property in the `regex` module's spelling."""


class Escapes:
    """The state of reading one pattern, and its classes and escapes."""

    def __init__(self, source: str, flags: str) -> None:
        self.unicode = "u" in flags
        self.source = source if self.unicode else characters.to_units(source)
        self.position = 0
        self.ignore_case = "i" in flags
        self.multiline = "m" in flags
        self.dot_all = "s" in flags
        self.groups = 0
        self.opened = 0
        self.open_groups: set[int] = set()
        self.behind = False
        self.has_names = False
        self.names: dict[str, int] = {}

    @property
    def last(self) -> int:
        """The highest character there is: a UTF-16 unit, or a code point with the flag u."""
        return LAST_POINT if self.unicode else LAST_UNIT

    def error(self, reason: Reason) -> InvalidRegex:
        return InvalidRegex(reason, pattern=self.source, position=self.position)

    def peek(self, further: int = 0) -> str:
        """The next character or one further on; nothing behind the end."""
        return self.source[self.position + further : self.position + further + 1]

    def take(self, wanted: re.Pattern[str], further: int = 0) -> re.Match[str] | None:
        """What stands here, or further on, if it is what is wanted; it is read then."""
        found = wanted.match(self.source, self.position + further)
        if found is not None:
            self.position = found.end()
        return found

    def literal(self, code: int) -> Fragment:
        """One character, in both cases where case is ignored."""
        if not self.ignore_case:
            return one_of(((code, code),))
        relatives = characters.family(code, self.unicode)
        return one_of(characters.merged((other, other) for other in relatives))

    def read_escape(self) -> Fragment:
        """What begins with a backslash outside of brackets."""
        following = self.peek(1)
        if not following:
            raise self.error(Reason.PATTERN_ESCAPE)
        if following in "bB":
            self.position += 2
            return self._word_edge(following == "b")
        if following == "k" and (self.unicode or self.has_names):
            return self._named_reference()
        if following in "123456789":
            reference = self._reference()
            if reference is not None:
                return reference
        code, item = self.character(in_class=False)
        return self.literal(code) if item is None else self._write_class([item], negated=False)

    def _word_edge(self, wanted: bool) -> Fragment:
        strange = self.unicode and self.ignore_case
        word = one_of(self.fold(characters.WORD) if strange else characters.WORD).text
        return Fragment((_WORD_EDGE if wanted else _NOT_WORD_EDGE).format(word), can_repeat=False)

    def fold(self, ranges: Ranges) -> Ranges:
        """The set, with the other cases where case is ignored."""
        return characters.without_case(ranges, self.unicode) if self.ignore_case else ranges

    def _named_reference(self) -> Fragment:
        found = self.take(_NAMED, 1)
        if found is None:
            raise self.error(Reason.PATTERN_GROUP)
        if found[1] in self.names:
            return self._written_reference(self.names[found[1]])
        if f"(?<{found[1]}>" not in self.source:
            raise self.error(Reason.PATTERN_GROUP)
        return Fragment("(?:)", work=0)

    def _reference(self) -> Fragment | None:
        found = _NUMBER.match(self.source, self.position + 1)
        number = int(found[0][:9]) if found else 0
        if found is None or number > self.groups:
            if self.unicode:
                raise self.error(Reason.PATTERN_GROUP)
            return None
        self.position = found.end()
        return self._written_reference(number)

    def _written_reference(self, number: int) -> Fragment:
        # JavaScript: a group that took no part matches nothing at all, successfully. A group
        # still open, or (reading forward) not yet opened, cannot have taken part.
        if number in self.open_groups or (number > self.opened and not self.behind):
            return Fragment("(?:)", work=0)
        text = f"(?i:\\{number})" if self.ignore_case else f"\\{number}"
        return Fragment(f"(?:(?({number}){text}))", float("inf"), float("inf"))

    def character(self, in_class: bool) -> tuple[int, ClassItem | None]:
        """Reads an escape for one character (its code) or for a set (the item)."""
        self.position += 1
        letter = self.peek()
        if not letter:
            raise self.error(Reason.PATTERN_ESCAPE)
        item = self._set(letter)
        if item is not None:
            return 0, item
        for read in (self._control, self._numbered, self._octal):
            code = read(letter)
            if code is not None:
                return code, None
        self.position += 1
        allowed = _SYNTAX + ("-" if in_class else "")
        if self.unicode and letter not in allowed:
            raise self.error(Reason.PATTERN_ESCAPE)
        if letter == "k" and self.has_names:
            raise self.error(Reason.PATTERN_GROUP)
        return ord(letter), None

    def _set(self, letter: str) -> ClassItem | None:
        named = {"d": characters.DIGITS, "w": characters.WORD, "s": characters.SPACE}
        ranges = named.get(letter.lower())
        if ranges is not None:
            self.position += 1
            if letter in "wW" and self.unicode:
                ranges = self.fold(ranges)
            return (characters.complement(ranges, self.last) if letter.isupper() else ranges), ""
        if letter in "pP" and self.unicode:
            return (), self._property()
        return None

    def _property(self) -> str:
        found = self.take(_PROPERTY)
        if found is None:
            raise self.error(Reason.PATTERN_ESCAPE)
        try:
            regex.compile(f"\\{found[0]}", regex.VERSION0)
        except regex.error:
            raise self.error(Reason.PATTERN_ESCAPE) from None
        return f"\\{found[0]}"

    def _control(self, letter: str) -> int | None:
        if letter in _CONTROLS:
            self.position += 1
            return _CONTROLS[letter]
        if letter != "c":
            return None
        following = self.peek(1)
        if following.isascii() and following.isalpha():
            self.position += 2
            return ord(following) % 32
        if self.unicode:
            raise self.error(Reason.PATTERN_ESCAPE)
        return ord("\\")

    def _numbered(self, letter: str) -> int | None:
        found = self.take(_HEX)
        if found is not None:
            code = int(found[1] or found[2], 16)
            return self._with_trail(code) if found[2] else code
        if letter not in "xu" or not self.unicode:
            return None
        point = self.take(_POINT)
        if point is None or int(point[1], 16) > LAST_POINT:
            raise self.error(Reason.PATTERN_ESCAPE)
        return int(point[1], 16)

    def _with_trail(self, code: int) -> int:
        leads = self.unicode and 0xD800 <= code <= 0xDBFF
        trail = self.take(_TRAIL) if leads else None
        if trail is None:
            return code
        return 0x10000 + ((code - 0xD800) << 10) + int(trail[1], 16) - 0xDC00

    def _octal(self, letter: str) -> int | None:
        found = _OCTAL.match(self.source, self.position)
        if found is None:
            return None
        following = self.peek(1)
        if self.unicode and (letter != "0" or (following.isascii() and following.isdigit())):
            raise self.error(Reason.PATTERN_ESCAPE)
        self.position = self.position + 1 if self.unicode else found.end()
        return int(found[0], 8) if not self.unicode else 0

    def _write_class(self, items: list[ClassItem], negated: bool) -> Fragment:
        ranges = characters.merged(pair for item, _ in items for pair in item)
        properties = [name for _, name in items if name]
        written = one_of(self.fold(ranges), properties, negated)
        if properties and self.ignore_case:
            return Fragment(f"(?i:{written.text})")
        return written

    def read_class(self) -> Fragment:
        self.position += 1
        negated = self.peek() == "^"
        self.position += negated
        items: list[ClassItem] = []
        while self.peek() != "]":
            items.extend(self._range())
        self.position += 1
        return self._write_class(items, negated)

    def _range(self) -> list[ClassItem]:
        first, item = self._member()
        if self.peek() != "-" or self.peek(1) == "]":
            return [item or _single(first)]
        self.position += 1
        last, other = self._member()
        if item is not None or other is not None:
            if self.unicode:
                raise self.error(Reason.PATTERN_RANGE)
            return [item or _single(first), _single(ord("-")), other or _single(last)]
        if first > last:
            raise self.error(Reason.PATTERN_RANGE)
        return [(((first, last),), "")]

    def _member(self) -> tuple[int, ClassItem | None]:
        letter = self.peek()
        if not letter:
            raise self.error(Reason.PATTERN_BRACKET)
        if letter != "\\":
            self.position += 1
            return ord(letter), None
        following = self.peek(1)
        if following == "b":
            self.position += 2
            return 8, None
        if following == "c" and not self.unicode:
            return self._control_in_class(), None
        return self.character(in_class=True)

    def _control_in_class(self) -> int:
        # Annex B: inside brackets digits and _ may follow \c too; anything else makes \ literal.
        letter = self.peek(2)
        if letter.isascii() and (letter.isalnum() or letter == "_"):
            self.position += 3
            return ord(letter) % 32
        self.position += 1
        return ord("\\")


def _single(code: int) -> ClassItem:
    ranges: Ranges = ((code, code),)
    return ranges, ""
