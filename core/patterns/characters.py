"""Sets of characters as JavaScript sees them: classes, case folding, UTF-16 units."""

from array import array
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain

Ranges = tuple[tuple[int, int], ...]

LAST_UNIT = 0xFFFF
LAST_POINT = 0x10FFFF
LAST_CASED = 0x1EFFF
"""No letter above has an upper or lower case."""

DIGITS: Ranges = ((0x30, 0x39),)
WORD: Ranges = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
SPACE: Ranges = (
    (0x09, 0x0D),
    (0x20, 0x20),
    (0xA0, 0xA0),
    (0x1680, 0x1680),
    (0x2000, 0x200A),
    (0x2028, 0x2029),
    (0x202F, 0x202F),
    (0x205F, 0x205F),
    (0x3000, 0x3000),
    (0xFEFF, 0xFEFF),
)
WHITE = "".join(chr(code) for low, high in SPACE for code in range(low, high + 1))
"""What JavaScript's `trim` removes; Python's own `strip` takes other characters."""
LINE_ENDS: Ranges = ((0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029))


def merged(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """The same set in ascending order without overlaps."""
    result: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if result and low <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(high, result[-1][1]))
        else:
            result.append((low, high))
    return tuple(result)


def complement(ranges: Sequence[tuple[int, int]], last: int) -> Ranges:
    """Everything up to `last` that is not in the set."""
    result: list[tuple[int, int]] = []
    start = 0
    for low, high in merged(ranges):
        if low > start:
            result.append((start, low - 1))
        start = high + 1
    if start <= last:
        result.append((start, last))
    return tuple(result)


def _canonical(code: int, unicode: bool) -> int:
    """ECMAScript's Canonicalize: simple folding with the flag u, one-unit upper case without."""
    letter = chr(code)
    if unicode:
        folded = letter.casefold()
        folded = folded if len(folded) == 1 else letter.lower()
        return ord(folded) if len(folded) == 1 else code
    upper = letter.upper()
    if len(upper) != 1 or (code >= 0x80 and ord(upper) < 0x80) or ord(upper) > LAST_UNIT:
        return code
    return ord(upper)


@lru_cache(maxsize=2)
def _families(unicode: bool) -> dict[int, tuple[int, ...]]:
    """For each letter with relatives: all letters equal to it when case is ignored."""
    families: dict[int, list[int]] = {}
    last = LAST_CASED if unicode else LAST_UNIT
    for code in range(0x41, last + 1):
        canonical = _canonical(code, unicode)
        if canonical != code:
            families.setdefault(canonical, [canonical]).append(code)
    return {code: tuple(family) for family in families.values() for code in family}


def _ascii_family(code: int, unicode: bool) -> tuple[int, ...]:
    if not chr(code).isalpha():
        return (code,)
    strange = {0x73: (0x17F,), 0x6B: (0x212A,)}.get(code | 0x20, ()) if unicode else ()
    return (code, code ^ 0x20, *strange)


def family(code: int, unicode: bool) -> tuple[int, ...]:
    """The letters equal to this one when case is ignored, itself included."""
    if code < 0x80:
        return _ascii_family(code, unicode)
    return _families(unicode).get(code, (code,))


def without_case(ranges: Sequence[tuple[int, int]], unicode: bool) -> Ranges:
    """The set together with all case relatives of its members."""
    if sum(high - low + 1 for low, high in ranges) <= 512:
        members = chain.from_iterable(range(low, high + 1) for low, high in ranges)
        relatives = [other for code in members for other in family(code, unicode)]
    else:
        flat = merged(ranges)
        relatives = [
            other
            for code, others in _families(unicode).items()
            if any(low <= code <= high for low, high in flat)
            for other in others
        ]
    return merged([*ranges, *((code, code) for code in relatives)])


def to_units(text: str) -> str:
    """The text as UTF-16 units, one character each, which is what JavaScript works on."""
    if text.isascii() or max(text) <= "\uffff":
        return text
    units = array("H", text.encode("utf-16-le", "surrogatepass"))
    return "".join(map(chr, units))
