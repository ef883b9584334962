"""Pieces of a rewritten pattern, each with a bound on the work it can cause."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from core.patterns.characters import LAST_POINT, Ranges


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
        work += paths * item.work
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
        powers = [item.paths**count for count in range(most + 1)] if item.paths < 1e6 else [inf]
        paths = sum(powers[least:]) or inf
        work = sum(powers) * (item.work + 1)
    return Fragment(text + bounds + ("?" if lazy else ""), paths, work)


def group(item: Fragment, opening: str) -> Fragment:
    return Fragment(f"{opening}{item.text})", item.paths, item.work + 1)


def look(item: Fragment, opening: str, can_repeat: bool) -> Fragment:
    """A look-around: once it has succeeded no other way through it is tried."""
    return Fragment(f"{opening}{item.text})", 1, item.work + 1, can_repeat)
