"""PNG files as boxes of text chunks; pixels are passed through and never decoded."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from core.characters.webp import exif_texts
from core.reasons import Damaged, Reason

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_CHUNKS = 20_000
MAX_TEXT_CHUNKS = 512
MAX_TEXT_CHUNK = 4 * 1024 * 1024
MAX_EXPANDED = 8 * 1024 * 1024
"""Bytes that one compressed text may become."""

_TEXT_KINDS = (b"tEXt", b"zTXt", b"iTXt")
_HEADER_SIZE = 13


class DamagedPng(Damaged):
    """The file begins as a PNG and does not go on as one."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk; `data` is a view into the file."""

    kind: bytes
    data: memoryview


def chunks(data: bytes) -> Iterator[Chunk]:
    """The chunks up to the end mark, each with its checksum verified.

    Raises `DamagedPng` for a wrong signature, order, length or checksum and a missing end.
    """
    if not data.startswith(SIGNATURE):
        raise DamagedPng(Reason.HEADER_MISSING)
    view, position = memoryview(data), len(SIGNATURE)
    for number in range(MAX_CHUNKS):
        if position + 12 > len(data):
            raise DamagedPng(Reason.CUT_OFF)
        length, kind = struct.unpack_from(">I4s", data, position)
        end = position + 8 + length
        if end + 4 > len(data):
            raise DamagedPng(Reason.CUT_OFF)
        if number == 0 and (kind != b"IHDR" or length != _HEADER_SIZE):
            raise DamagedPng(Reason.HEADER_MISSING)
        if zlib.crc32(view[position + 4 : end]) != struct.unpack_from(">I", data, end)[0]:
            raise DamagedPng(Reason.CHECKSUM, part=_shown(kind))
        yield Chunk(kind, view[position + 8 : end])
        if kind == b"IEND":
            return
        position = end + 4
    raise DamagedPng(Reason.TOO_MANY_PARTS, most=MAX_CHUNKS)


def read_texts(data: bytes, keywords: tuple[str, ...]) -> dict[str, bytes | DamagedPng]:
    """The first text under each of `keywords` (lower case), raw as stored in its chunk.

    A wanted text that is too long or cannot be expanded comes as its fault; one that is whole may
    stand beside it. Raises `DamagedPng` for the file itself.
    """
    found: dict[str, bytes | DamagedPng] = {}
    seen = 0
    for chunk in chunks(data):
        if chunk.kind not in _TEXT_KINDS:
            continue
        seen += 1
        if seen > MAX_TEXT_CHUNKS:
            continue
        keyword, separator, _ = bytes(chunk.data[:80]).partition(b"\0")
        name = keyword.decode("latin-1").lower()
        if separator and name in keywords and name not in found:
            try:
                found[name] = _wanted(chunk, name)
            except DamagedPng as error:
                found[name] = error
    return found


def read_comment(data: bytes) -> str:
    """The comment in the picture's EXIF part, where Faraday keeps its characters."""
    for chunk in chunks(data):
        if chunk.kind == b"eXIf" and len(chunk.data) <= MAX_TEXT_CHUNK:
            return next((text for text in exif_texts(bytes(chunk.data)) if text.strip()), "")
    return ""


def without_texts(data: bytes) -> bytes:
    return _join(chunk for chunk in chunks(data) if chunk.kind not in _TEXT_KINDS)


def with_texts(data: bytes, texts: dict[str, bytes]) -> bytes:
    """The same picture with `texts` in place of the chunks of those keywords."""
    bodies = [name.encode("latin-1") + b"\0" + text for name, text in texts.items()]
    new = [Chunk(b"tEXt", memoryview(body)) for body in bodies]
    kept = [chunk for chunk in chunks(data) if _keyword(chunk) not in texts]
    return _join([*kept[:-1], *new, kept[-1]])


def _join(parts: Iterator[Chunk] | list[Chunk]) -> bytes:
    file = bytearray(SIGNATURE)
    for part in parts:
        body = part.kind + part.data
        file += struct.pack(">I", len(part.data)) + body + struct.pack(">I", zlib.crc32(body))
    return bytes(file)


def _keyword(chunk: Chunk) -> str | None:
    if chunk.kind not in _TEXT_KINDS:
        return None
    return bytes(chunk.data[:80]).partition(b"\0")[0].decode("latin-1").lower()


def _wanted(chunk: Chunk, name: str) -> bytes:
    if len(chunk.data) > MAX_TEXT_CHUNK:
        raise DamagedPng(Reason.PART_TOO_LARGE, largest=MAX_TEXT_CHUNK)
    rest = bytes(chunk.data[len(name) + 1 :])
    if chunk.kind == b"tEXt":
        return rest
    if chunk.kind == b"zTXt":
        return _expanded(rest[1:])
    # Language and translated keyword stand between the two flag bytes and the text.
    parts = rest[2:].split(b"\0", 2)
    if len(parts) < 3:
        raise DamagedPng(Reason.CUT_OFF)
    return _expanded(parts[2]) if rest[:1] == b"\x01" else parts[2]


def _expanded(data: bytes) -> bytes:
    expander = zlib.decompressobj()
    try:
        text = expander.decompress(data, MAX_EXPANDED + 1)
    except zlib.error as error:
        raise DamagedPng(Reason.COMPRESSION) from error
    if len(text) > MAX_EXPANDED:
        raise DamagedPng(Reason.PART_TOO_LARGE, largest=MAX_EXPANDED)
    if not expander.eof:
        raise DamagedPng(Reason.CUT_OFF)
    return text


def _shown(kind: bytes) -> str:
    text = kind.decode("latin-1")
    return text if text.isalpha() and text.isascii() else "number " + kind.hex()
