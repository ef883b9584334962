"""CHARX: a card of version 3 in a ZIP archive, with its pictures beside it.

Archives are read from memory: names are labels only, expansion is bounded.
"""

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import Any

from core.characters.document import read_document
from core.characters.fields import Problem, Remark
from core.reasons import Damaged, Reason
from core.untrusted import json as untrusted_json

MAX_LISTED = 4096
"""Directory records looked at."""
MAX_READ = 256
"""Entries expanded."""
MAX_TOTAL = 32 * 1024 * 1024
MAX_RATIO = 100

_END = b"PK\x05\x06"
_END_SIZE = 22
_RECORD = struct.Struct("<4s6H3I5H2I")
_LOCAL = struct.Struct("<4s5H3I2H")
_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _UTF8 = 0x1, 0x800


class DamagedArchive(Damaged):
    """The archive cannot be read, or is one that must not be read."""


@dataclass(frozen=True, slots=True)
class ArchiveMember:
    """A file in the archive as its directory describes it. Sizes are bytes."""

    name: str
    flags: int
    method: int
    checksum: int
    packed: int
    size: int
    offset: int


class Archive:
    """The files of a ZIP archive; `DamagedArchive` at once when the directory makes no sense."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._read: list[tuple[int, int]] = []
        self._total = 0
        self.entries = {entry.name: entry for entry in _directory(data)}

    def read(self, name: str, limit: int) -> bytes:
        """The content of one file; `DamagedArchive` when it is larger than `limit` bytes."""
        entry = self.entries[name]
        self._check(entry, limit)
        start = self._start(entry)
        packed = self._data[start : start + entry.packed]
        if len(packed) < entry.packed:
            raise DamagedArchive(Reason.CUT_OFF)
        self._claim(start, start + entry.packed)
        content = packed if entry.method == _STORED else _inflated(packed, entry.size)
        if len(content) != entry.size or zlib.crc32(content) != entry.checksum:
            raise DamagedArchive(Reason.CHECKSUM, part=name)
        return content

    def _check(self, entry: ArchiveMember, limit: int) -> None:
        self._total += entry.size
        if entry.flags & _ENCRYPTED:
            raise DamagedArchive(Reason.ENCRYPTED)
        if entry.method not in (_STORED, _DEFLATED):
            raise DamagedArchive(Reason.COMPRESSION)
        if entry.size > limit or self._total > MAX_TOTAL or len(self._read) >= MAX_READ:
            raise DamagedArchive(Reason.PART_TOO_LARGE, largest=limit)
        if entry.size > MAX_RATIO * max(entry.packed, 1):
            raise DamagedArchive(Reason.PART_TOO_LARGE, largest=MAX_RATIO * max(entry.packed, 1))

    def _start(self, entry: ArchiveMember) -> int:
        """Where the entry's bytes begin, after its local header."""
        header = self._data[entry.offset : entry.offset + _LOCAL.size]
        if len(header) < _LOCAL.size or not header.startswith(b"PK\x03\x04"):
            raise DamagedArchive(Reason.DIRECTORY_DAMAGED)
        name_length, extra_length = _LOCAL.unpack(header)[-2:]
        return entry.offset + _LOCAL.size + int(name_length) + int(extra_length)

    def _claim(self, start: int, end: int) -> None:
        if any(start < other_end and other < end for other, other_end in self._read):
            raise DamagedArchive(Reason.DIRECTORY_DAMAGED)
        self._read.append((start, end))


def is_archive(data: bytes) -> bool:
    """Whether the bytes are a ZIP archive, also one behind a picture."""
    return data.startswith(b"PK") or _end_of(data) is not None


def _end_of(data: bytes) -> int | None:
    window = max(len(data) - _END_SIZE - 0xFFFF, 0)
    position = data.rfind(_END, window)
    return position if position >= 0 and position + _END_SIZE <= len(data) else None


def _directory(data: bytes) -> list[ArchiveMember]:
    end = _end_of(data)
    if end is None:
        raise DamagedArchive(Reason.CUT_OFF)
    count, size, offset = struct.unpack_from("<HII", data, end + 10)
    if count > MAX_LISTED or 0xFFFFFFFF in (size, offset):
        raise DamagedArchive(Reason.TOO_MANY_PARTS, most=MAX_LISTED)
    # A picture in front of the archive shifts every offset by its own length.
    shift = end - size - offset
    position = end - size
    if shift < 0:
        raise DamagedArchive(Reason.DIRECTORY_DAMAGED)
    entries = []
    for _ in range(count):
        entry, position = _record(data, position, end, shift)
        entries.append(entry)
    return entries


def _record(data: bytes, position: int, end: int, shift: int) -> tuple[ArchiveMember, int]:
    if position + _RECORD.size > end or data[position : position + 4] != b"PK\x01\x02":
        raise DamagedArchive(Reason.DIRECTORY_DAMAGED)
    field = _RECORD.unpack_from(data, position)
    flags, method, checksum, packed, size = field[3], field[4], field[7], field[8], field[9]
    name_end = position + _RECORD.size + field[10]
    name = data[position + _RECORD.size : name_end]
    encoding = "utf-8" if flags & _UTF8 else "latin-1"
    entry = ArchiveMember(
        name.decode(encoding, "replace"), flags, method, checksum, packed, size, field[-1] + shift
    )
    return entry, name_end + field[11] + field[12]


def _inflated(packed: bytes, size: int) -> bytes:
    expander = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        return expander.decompress(packed, size + 1)
    except zlib.error as error:
        raise DamagedArchive(Reason.COMPRESSION) from error


CARD_NAME = "card.json"
ICON_NAME = "assets/icon/image/main.png"
ICON_URI = "embeded://" + ICON_NAME
"""The scheme is spelled with one d in the format's own description."""
MAX_CARD = 4 * 1024 * 1024
MAX_VALUES = 200_000
"""Values in a card's JSON; enough for a book of 4,000 entries."""
MAX_PICTURE = 10 * 1024 * 1024

_SCHEMES = ("embeded://", "embedded://")
_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif")


def read_charx(archive: Archive) -> tuple[Any, bytes | None, tuple[Remark, ...]]:
    """The parsed card, its main picture, and what is to be known about the file.

    Raises `DamagedArchive` and `untrusted_json.NotPlain`.
    """
    if CARD_NAME not in archive.entries:
        raise DamagedArchive(Reason.PART_MISSING, part=CARD_NAME)
    document, remarks = read_document(archive.read(CARD_NAME, MAX_CARD), MAX_VALUES)
    icon = _icon_name(document, archive)
    picture = archive.read(icon, MAX_PICTURE) if icon else None
    others = sum(not name.endswith("/") for name in archive.entries) - 1 - (picture is not None)
    if others > 0:
        remarks = (*remarks, Remark("assets", Problem.MORE_FILES, limit=others))
    return document, picture, remarks


def write_charx(document: dict[str, Any], picture: bytes | None) -> bytes:
    """A CHARX file of a card of version 3; `picture` is a PNG and becomes the main icon."""
    buffer = io.BytesIO()
    # Stored, as the format's own makers do: a monotonous text packs too well for `MAX_RATIO`.
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(
            CARD_NAME, untrusted_json.dump(_with_icon(document) if picture else document)
        )
        if picture:
            archive.writestr(ICON_NAME, picture)
    return buffer.getvalue()


def _icon_name(document: Any, archive: Archive) -> str | None:
    """The main icon's name in the archive; names are looked up there and nowhere else."""
    for asset in sorted(_icons(document), key=lambda asset: asset.get("name") != "main"):
        uri = asset.get("uri")
        if not isinstance(uri, str):
            continue
        for scheme in _SCHEMES:
            name = uri.removeprefix(scheme)
            if name != uri and name in archive.entries:
                return name
    pictures = (name for name in archive.entries if name.lower().endswith(_PICTURES))
    return next((name for name in pictures if "icon" in name.lower()), None)


def _icons(document: Any) -> list[dict[str, Any]]:
    data = document.get("data") if isinstance(document, dict) else None
    assets = data.get("assets") if isinstance(data, dict) else None
    if not isinstance(assets, list):
        return []
    return [asset for asset in assets if isinstance(asset, dict) and asset.get("type") == "icon"]


def _with_icon(document: dict[str, Any]) -> dict[str, Any]:
    main = {"type": "icon", "uri": ICON_URI, "name": "main", "ext": "png"}
    assets = document["data"].get("assets") or []
    others = [
        asset
        for asset in assets
        if not (asset.get("type") == "icon" and asset.get("name") == "main")
    ]
    return document | {"data": document["data"] | {"assets": [main, *others]}}
