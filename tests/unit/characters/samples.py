"""Builds card files of every kind, sound ones and hostile ones."""

import base64
import io
import json
import struct
import zipfile
import zlib
from typing import Any

from PIL import Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def data(**fields: Any) -> dict[str, Any]:
    """The `data` of a small card."""
    return {"name": "Wren", "description": "{{char}} mends bells.", "first_mes": "Hello."} | fields


def v1(**fields: Any) -> dict[str, Any]:
    """A card of the first version."""
    return data(personality="", scenario="", mes_example="", **fields)


def v2(**fields: Any) -> dict[str, Any]:
    """A card of version 2."""
    return {"spec": "chara_card_v2", "spec_version": "2.0", "data": data(**fields)}


def v3(**fields: Any) -> dict[str, Any]:
    """A card of version 3."""
    more = {"group_only_greetings": [], "nickname": "Wrenny"}
    return {"spec": "chara_card_v3", "spec_version": "3.0", "data": data(**more | fields)}


def chunk(kind: bytes, body: bytes) -> bytes:
    """One PNG chunk with its right checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def header(width: int = 2, height: int = 2) -> bytes:
    """An IHDR chunk of an 8-bit greyscale picture."""
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))


def pixels(width: int = 2, height: int = 2) -> bytes:
    """An IDAT chunk of black pixels."""
    return chunk(b"IDAT", zlib.compress(b"\0" * (width + 1) * height))


def png(*extra: bytes, width: int = 2, height: int = 2) -> bytes:
    """A PNG picture with further chunks in front of its pixels."""
    parts = (header(width, height), *extra, pixels(2, 2), chunk(b"IEND", b""))
    return SIGNATURE + b"".join(parts)


def packed(document: Any) -> bytes:
    """A document as the text chunk of a card holds it."""
    return base64.b64encode(json.dumps(document).encode())


def text(document: Any, keyword: bytes = b"chara") -> bytes:
    """The text chunk of a card."""
    return chunk(b"tEXt", keyword + b"\0" + packed(document))


def ztxt(body: bytes, keyword: bytes = b"chara") -> bytes:
    """A compressed text chunk."""
    return chunk(b"zTXt", keyword + b"\0\0" + zlib.compress(body))


def itxt(body: bytes, keyword: bytes = b"chara", compressed: bool = False) -> bytes:
    """An international text chunk."""
    stored = zlib.compress(body) if compressed else body
    flags = bytes((compressed, 0))
    return chunk(b"iTXt", keyword + b"\0" + flags + b"en\0Karte\0" + stored)


def picture(form: str = "PNG", size: tuple[int, int] = (40, 60), **options: Any) -> bytes:
    """A real picture."""
    buffer = io.BytesIO()
    Image.new("RGB", size, "teal").save(buffer, form, **options)
    return buffer.getvalue()


def webp(comment: bytes) -> bytes:
    """A WebP picture with an EXIF comment."""
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = comment
    return picture("WEBP", exif=exif)


def archive(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return buffer.getvalue()


def charx(document: Any, **files: bytes) -> bytes:
    """A CHARX archive; further files by name."""
    return archive({"card.json": json.dumps(document).encode(), **files})
