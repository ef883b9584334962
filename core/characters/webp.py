"""WebP pictures that carry a card as text in their EXIF part."""

import re
import struct
from collections.abc import Iterator

_USER_COMMENT = 0x9286
_DESCRIPTION = 0x010E
_EXIF_DIRECTORY = 0x8769
_CHARSETS = {
    b"ASCII\0\0\0": "utf-8",
    b"UNICODE\0": "utf-16",
    b"\0\0\0\0\0\0\0\0": "utf-8",
}
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 7: 1}
_MAX_FIELDS = 256
_BYTE_LIST = re.compile(r"123(,\d{1,3})+\s*\Z")
"""123 is the code of an opening brace."""


def read_webp(data: bytes) -> str | None:
    """The text of the EXIF comment or description that looks like a JSON object; None without."""
    for kind, start, end in _chunks(data):
        if kind == b"EXIF":
            for text in exif_texts(data[start:end].removeprefix(b"Exif\0\0")):
                card = _from_byte_list(text).lstrip("\ufeff \t\r\n")
                if card.startswith("{"):
                    return card
    return None


def _from_byte_list(text: str) -> str:
    """Some programs write the bytes of the text as decimal numbers with commas."""
    if not _BYTE_LIST.match(text):
        return text
    return bytes(min(int(number), 255) for number in text.split(",")).decode("utf-8", "replace")


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    position = 12
    while position + 8 <= len(data):
        kind, size = struct.unpack_from("<4sI", data, position)
        end = min(position + 8 + size, len(data))
        yield kind, position + 8, end
        # Chunks are padded to an even length.
        position += 8 + size + size % 2


def exif_texts(exif: bytes) -> Iterator[str]:
    """The comments and descriptions in the EXIF part of a picture."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None or len(exif) < 8:
        return
    pending = [int(struct.unpack_from(order + "I", exif, 4)[0])]
    for _ in range(2):
        offset = pending.pop() if pending else len(exif)
        for tag, kind, count, value in _fields(exif, order, offset):
            if tag == _EXIF_DIRECTORY:
                pending.append(value)
            elif tag in (_USER_COMMENT, _DESCRIPTION):
                yield _decoded(exif[value : value + count * _SIZES.get(kind, 1)], order)


def _fields(exif: bytes, order: str, offset: int) -> Iterator[tuple[int, int, int, int]]:
    """Tag, type, count and the offset of the value of each field of a directory."""
    if offset + 2 > len(exif):
        return
    (number,) = struct.unpack_from(order + "H", exif, offset)
    for index in range(min(number, _MAX_FIELDS)):
        start = offset + 2 + index * 12
        if start + 12 > len(exif):
            return
        tag, kind, count, value = struct.unpack_from(order + "HHII", exif, start)
        is_inline = tag != _EXIF_DIRECTORY and count * _SIZES.get(kind, 1) <= 4
        yield tag, kind, count, start + 8 if is_inline else value


def _decoded(raw: bytes, order: str) -> str:
    charset = _CHARSETS.get(raw[:8])
    body = raw[8:] if charset else raw
    if charset == "utf-16":
        charset = "utf-16-le" if order == "<" else "utf-16-be"
    return body.decode(charset or "utf-8", "replace").rstrip("\0")
