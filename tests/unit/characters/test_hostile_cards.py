"""Files made to harm: no code runs, nothing is written, nothing leaves, memory stays bounded."""

import base64
import codecs
import json
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Iterator

import pytest

from bot.wording.errors import explain
from core.characters import png
from core.characters.card_file import MAX_FILE, read_card
from core.errors import InvalidCard
from core.reasons import Reason
from tests.unit.characters import samples
from tests.unit.characters.watch import Watch

for codec in ("utf-16-le", "utf-16-be", "cp1252", "shift_jis", "gb18030", "cp1251"):
    codecs.lookup(codec)  # Python imports it at its first use, which is none of a file's doing

MEBIBYTE = 2**20
MEMORY = 200 * MEBIBYTE

CARD = samples.v2()
PNG = samples.png(samples.text(CARD))
CHARX = samples.charx(CARD)


def bombs() -> Iterator[tuple[str, bytes]]:
    """Files that want to grow."""
    yield "ztxt", samples.png(samples.ztxt(b"A" * 64 * MEBIBYTE))
    yield "itxt", samples.png(samples.itxt(b"A" * 64 * MEBIBYTE, compressed=True))
    yield "long text", samples.png(samples.chunk(b"tEXt", b"chara\0" + b"A" * 5 * MEBIBYTE))
    deep = base64.b64encode(b"[" * 2_000_000)
    yield "deep", samples.png(samples.chunk(b"tEXt", b"chara\0" + deep))
    yield "many chunks", samples.png(*[samples.chunk(b"teSt", b"")] * 30_000)
    yield "huge file", CHARX + b"\0" * MAX_FILE
    yield "zip bomb", samples.archive({"card.json": b" " * 64 * MEBIBYTE})
    yield "quiet zip bomb", lying_archive(b" " * 64 * MEBIBYTE, 1000)
    yield "many entries", samples.archive({str(index): b"" for index in range(5000)})
    yield "wide json", b'{"name":"x","description":"y","z":[' + b"[],[]," * 1_000_000 + b"1]}"
    escapes = b'{"name":"x","description":"' + b"\\n" * (4 * MEBIBYTE) + b'"'
    yield "unclosed escapes", escapes


def lying_archive(content: bytes, declared: int) -> bytes:
    """An archive whose directory understates what `card.json` expands to."""
    file = bytearray(samples.archive({"card.json": content}))
    size = struct.pack("<I", len(content))
    return bytes(file.replace(size, struct.pack("<I", declared)))


def overlapping_archive() -> bytes:
    """Two directory records that share the same bytes of the file."""
    one = samples.archive({"card.json": json.dumps(icon_card()).encode()})
    end = one.rfind(b"PK\x05\x06")
    start = one.find(b"PK\x01\x02")
    record = one[start:end]
    twin = record.replace(b"card.json", b"main.icon")
    fields = list(struct.unpack("<4sHHHHIIH", one[end:]))
    fields[3] = fields[4] = 2
    fields[5] = len(record) + len(twin)
    return one[:end] + twin + struct.pack("<4sHHHHIIH", *fields)


def icon_card() -> dict[str, object]:
    assets = [{"type": "icon", "name": "main", "uri": "embeded://main.icon"}]
    return samples.v3(assets=assets)


def odd_archives() -> Iterator[tuple[str, bytes]]:
    """Archives that are no cards or must not be read."""
    yield "overlap", overlapping_archive()
    yield "bzip2", samples.archive({"card.json": b"{}"}, zipfile.ZIP_BZIP2)
    yield "lzma", samples.archive({"card.json": b"{}"}, zipfile.ZIP_LZMA)
    yield "no card", samples.archive({"card.txt": b"{}"})
    yield "card in a folder", samples.archive({"../card.json": b"{}"})
    yield "only an end", b"PK\x05\x06" + b"\0" * 18
    yield "directory elsewhere", b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, 46, 9, 0)
    yield "zip64", b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    encrypted = bytearray(CHARX)
    encrypted[encrypted.find(b"PK\x01\x02") + 8] |= 1
    yield "encrypted", bytes(encrypted)
    wrong_sum = bytearray(CHARX)
    wrong_sum[wrong_sum.find(b"PK\x01\x02") + 16] ^= 1
    yield "wrong checksum", bytes(wrong_sum)


def odd_pngs() -> Iterator[tuple[str, bytes]]:
    """PNG files that break the format."""
    end = samples.chunk(b"IEND", b"")
    text = samples.text(CARD)
    yield "no header", samples.SIGNATURE + text + end
    yield "no end", PNG[: -len(end)]
    yield "length over the end", samples.SIGNATURE + struct.pack(">I", 2**31) + b"IHDR" + b"\0" * 50
    yield "wrong checksum", PNG.replace(b"IDAT", b"IDAt")
    yield "not base64", samples.png(samples.chunk(b"tEXt", b"chara\0***not base64***"))
    yield (
        "not utf-8",
        samples.png(
            samples.chunk(
                b"tEXt",
                b"chara\0" + base64.b64encode(b'{"name":"\xff\xfe\x81\x8d"}'),
            )
        ),
    )
    yield "broken zlib", samples.png(samples.chunk(b"zTXt", b"chara\0\0junk"))
    yield "cut zlib", samples.png(samples.chunk(b"zTXt", b"chara\0\0" + zlib.compress(b"{}")[:-3]))
    yield "cut itxt", samples.png(samples.chunk(b"iTXt", b"chara\0\0"))
    yield "empty text", samples.png(samples.chunk(b"tEXt", b"chara\0"))
    yield "a lorebook inside", samples.png(samples.text({"entries": {}}))
    yield "a list inside", samples.png(samples.text([1]))


HOSTILE = dict([*bombs(), *odd_archives(), *odd_pngs()])


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_in_peace(name: str, watch: Watch) -> None:
    data = HOSTILE[name]
    tracemalloc.start()
    try:
        with watch.on() as events, pytest.raises(InvalidCard) as caught:
            read_card(data, "../../etc/passwd")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert events == []
    assert peak < MEMORY
    assert caught.value.reason is not None
    assert len(explain(caught.value) or "") < 400


@pytest.mark.parametrize(
    "file", [PNG, CHARX, json.dumps(CARD).encode()], ids=["png", "zip", "json"]
)
def test_every_truncation_is_refused(file: bytes, watch: Watch) -> None:
    with watch.on() as events:
        for length in range(len(file)):
            with pytest.raises(InvalidCard):
                read_card(file[:length])
    assert events == []


@pytest.mark.parametrize("file", [PNG, CHARX], ids=["png", "zip"])
def test_every_flipped_bit_is_refused_or_harmless(file: bytes, watch: Watch) -> None:
    refused = 0
    with watch.on() as events:
        for position in range(len(file)):
            spoiled = bytearray(file)
            spoiled[position] ^= 1 << position % 8
            try:
                card = read_card(bytes(spoiled))
            except InvalidCard:
                refused += 1
            else:
                assert card.character.name == "Wren"
    assert events == []
    assert refused > len(file) // 3


def test_only_so_many_texts_are_looked_at() -> None:
    many = [samples.chunk(b"tEXt", b"note\0x")] * png.MAX_TEXT_CHUNKS
    with pytest.raises(InvalidCard) as caught:
        read_card(samples.png(*many, samples.text(CARD)))
    assert caught.value.reason is Reason.PICTURE_WITHOUT_CARD


def test_names_in_files_are_never_paths(watch: Watch) -> None:
    names = ["../../x.png", "/etc/passwd", "C:\\Windows\\x", "CON", "a\0b", "\\\\host\\share"]
    with watch.on() as events:
        for name in names:
            card = read_card(samples.charx(samples.v2(name=name), **{name: b"x"}), name)
            assert card.character.name
    assert events == []
