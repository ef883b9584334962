"""The kind and size of pictures that Discord shows, and plain stand-in avatars."""

import struct
import zlib
from dataclasses import dataclass

from core.untrusted.pictures import picture_size, picture_type


@dataclass(frozen=True, slots=True)
class Picture:
    content_type: str
    width: int
    height: int


def look(content: bytes) -> Picture | None:
    """What picture this is; None when it is none that Discord shows."""
    size = picture_size(content)
    return Picture(picture_type(content), *size) if size else None


def plain(color: int, size: int = 64) -> bytes:
    """A square PNG of one colour, for people without an avatar."""
    pixel = bytes((color >> 16 & 255, color >> 8 & 255, color & 255))
    rows = (b"\0" + pixel * size) * size
    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )
