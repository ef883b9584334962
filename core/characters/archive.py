"""ZIP archives read from memory: names are labels only, expansion is bounded."""

import struct
import zlib
from dataclasses import dataclass

from core.reasons import Damaged, Reason

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
