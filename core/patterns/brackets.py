"""Character classes in brackets."""

from core.patterns.characters import Ranges
from core.patterns.escapes import ClassItem, Escapes
from core.patterns.fragment import Fragment


def read_class(reader: Escapes) -> Fragment:
    """Reads from `[` to its `]`. Raises InvalidRegex."""
    reader.position += 1
    negated = reader.peek() == "^"
    reader.position += negated
    items: list[ClassItem] = []
    while reader.peek() != "]":
        items.extend(_range(reader))
    reader.position += 1
    return reader.write_class(items, negated)


def _range(reader: Escapes) -> list[ClassItem]:
    first, item = _member(reader)
    if reader.peek() != "-" or reader.source[reader.position + 1 : reader.position + 2] == "]":
        return [item or _single(first)]
    reader.position += 1
    last, other = _member(reader)
    if item is not None or other is not None:
        if reader.unicode:
            raise reader.error("a set cannot end a range")
        return [item or _single(first), _single(ord("-")), other or _single(last)]
    if first > last:
        raise reader.error("range out of order")
    return [(((first, last),), "")]


def _member(reader: Escapes) -> tuple[int, ClassItem | None]:
    letter = reader.peek()
    if not letter:
        raise reader.error("missing ]")
    if letter != "\\":
        reader.position += 1
        return ord(letter), None
    following = reader.source[reader.position + 1 : reader.position + 2]
    if following == "b":
        reader.position += 2
        return 8, None
    if following == "c" and not reader.unicode:
        return _control(reader), None
    return reader.character(in_class=True)


def _control(reader: Escapes) -> int:
    # Annex B: inside brackets digits and _ may follow \c too; anything else makes \ literal.
    letter = reader.source[reader.position + 2 : reader.position + 3]
    if letter.isascii() and (letter.isalnum() or letter == "_"):
        reader.position += 3
        return ord(letter) % 32
    reader.position += 1
    return ord("\\")


def _single(code: int) -> ClassItem:
    ranges: Ranges = ((code, code),)
    return ranges, ""
