"""The forms in which models write a speaker's name in front of a line."""

import functools
from collections.abc import Sequence

import regex

MOST_REMARK = 60
"""Characters of `(whispering)` behind a name."""
_BULLETS = r"(?:>[ \t]*|\#{1,6}[ \t]+|[-•–—][ \t]+|-\#[ \t]+)*+"
_BOLD = r"[*_~`]{0,4}"
_PAIRS = (("\\[", "\\]"), ('"', '"'), ("“", "”"), ("«", "»"), ("【", "】"), ("「", "」"))
_COLON = r"[ \t]*+[:：]"


@functools.lru_cache(maxsize=256)
def speaker_line(names: tuple[str, ...]) -> "regex.Pattern[str] | None":
    """A pattern for the beginning of a line that one of the names speaks; None without names.

    `Ann:`, `**Ann:**`, `*Ann*:`, `### Ann:`, `[Ann]:`, `"Ann":`, `> Ann:`, `Ann (softly):`,
    `<Ann>` and their kind, with a narrow or a wide colon, as the name is or in capitals; a name
    alone in its line as a heading, in bold or in brackets.
    """
    found = sorted({form for name in names if name.strip() for form in _forms(name)}, key=len)
    if not found:
        return None
    name = "(?:" + "|".join(map(regex.escape, reversed(found))) + ")"
    remark = rf"(?:[ \t]*+[(\[（][^()\[\]（）\n]{{1,{MOST_REMARK}}}[)\]）])?"
    plain = rf"(?P<bold>{_BOLD})(?:{name}){_BOLD}{remark}{_BOLD}{_COLON}{_BOLD}"
    pairs = "|".join(
        rf"{_BOLD}{opening}{name}(?:{closing}{_BOLD}{remark}{_COLON}|{_COLON}{closing}){_BOLD}"
        for opening, closing in _PAIRS
    )
    chat = rf"{_BOLD}<{name}>{_BOLD}:?"
    heading = rf"(?:\#{{1,6}}[ \t]+{_BOLD}{name}{_BOLD}|\*\*{name}\*\*|__{name}__|\[{name}\])"
    alone = rf"{heading}[ \t]*(?=\n)"
    return regex.compile(rf"[ \t]*+(?:{_BULLETS}(?:{plain}|{pairs}|{chat})|{alone})")


def _forms(name: str) -> Sequence[str]:
    name = name.strip()
    return (name, name.upper())


@functools.lru_cache(maxsize=256)
def others_line(names: tuple[str, ...], at_start: bool) -> "regex.Pattern[str] | None":
    """A pattern for a line that one of the names speaks, the break before it included.

    `at_start`: for the first line of a text, which may begin with blanks.
    """
    line = speaker_line(names)
    start = r"\s*+" if at_start else r"\n"
    return regex.compile(start + line.pattern) if line else None


def without_label(text: str, names: Sequence[str], *, final: bool) -> str | None:
    """The text without the name in front of it; None: more of it is needed to tell.

    Stars that open before the name and close behind the words stay.
    """
    pattern = speaker_line(tuple(names))
    found = pattern.match(text, partial=not final) if pattern else None
    if found is None:
        return text
    if found.partial or (not final and found.end() == len(text)):
        return None
    opened = found["bold"] or ""
    closed = found[0][found.end("bold") :] if opened else ""
    return ("" if not opened or opened in closed else opened) + text[found.end() :].lstrip()
