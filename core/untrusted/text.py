"""Bytes of a text file as text: UTF-8, or what old editors and other systems wrote instead."""

import codecs
import re
from contextlib import suppress
from dataclasses import dataclass

from core.reasons import Damaged, Reason


class NotPlain(Damaged):
    """The bytes are no text of a known encoding, or no document within the limits."""


@dataclass(frozen=True, slots=True)
class FileText:
    """A text file as read. `encoding` is what had to be guessed; empty where nothing had to."""

    text: str
    encoding: str = ""
    unreadable: int = 0
    """Characters that were damaged; each stands as U+FFFD."""


_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HIGH = re.compile(rb"[\x80-\xff]+")
_ALONE = 1.3
"""Old Western text has a high byte here and there; elsewhere nearly all of a word is high."""
_BY_LETTERS = (
    ("shift_jis", "Shift-JIS", re.compile("[ぁ-んァ-ヶー、。「」]"), 0.25),
    ("gb18030", "GB18030", re.compile("[的一是不了我你他她在有这个们，。]"), 0.06),
    ("cp1251", "Windows-1251", re.compile("[а-яё]"), 0.6),
)
"""Encodings without a mark, and which share of the letters beyond ASCII must be their commonest."""
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x9f]")
_SAMPLE = 65_536


def decode(data: bytes) -> FileText:
    """The text of a file. Raises `NotPlain` where its encoding is not certain enough."""
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return _mended(data, codec, "")
    if (wide := _wide(data)) and not _CONTROLS.search((text := _mended(data, wide, "UTF-16")).text):
        return text
    if b"\0" in data:
        raise NotPlain(Reason.NOT_TEXT)
    with suppress(UnicodeDecodeError):
        return FileText(data.decode())
    return _guessed(data)


def _wide(data: bytes) -> str:
    """UTF-16 without a mark: every other byte of what is ASCII in it is zero."""
    even, odd = data[0:_SAMPLE:2].count(0), data[1:_SAMPLE:2].count(0)
    most, fewest = max(even, odd), min(even, odd)
    if not most or most * 8 < min(len(data), _SAMPLE) or fewest * 20 > most:
        return ""
    return "utf-16-be" if even > odd else "utf-16-le"


def _mended(data: bytes, codec: str, name: str) -> FileText:
    text = data.decode(codec, "replace")
    unreadable = text.count("\ufffd")
    if unreadable * 10 > len(text):
        raise NotPlain(Reason.NOT_TEXT)
    return FileText(text, name, unreadable)


def _guessed(data: bytes) -> FileText:
    """The encoding by what stands beyond ASCII, judged where that begins."""
    first = _HIGH.search(data)
    sample = data[first.start() :][:_SAMPLE] if first else b""
    damaged = sample.decode("utf-8", "replace")
    unreadable = damaged.count("\ufffd")
    if unreadable <= sum(sign > "\x7f" for sign in damaged) - unreadable:
        return _mended(data, "utf-8", "")
    runs = _HIGH.findall(sample)
    if sum(map(len, runs)) <= _ALONE * len(runs) and (found := _western(data)):
        return found
    for codec, name, letters, share in _BY_LETTERS:
        beyond = [sign for sign in sample.decode(codec, "ignore") if sign > "\x7f"]
        if len(letters.findall("".join(beyond))) < share * len(beyond):
            continue
        with suppress(UnicodeDecodeError):
            text = data.decode(codec)
            if not _CONTROLS.search(text):
                return FileText(text, name)
    raise NotPlain(Reason.NOT_TEXT)


def _western(data: bytes) -> FileText | None:
    with suppress(UnicodeDecodeError):
        text = data.decode("cp1252")
        if not _CONTROLS.search(text):
            return FileText(text, "Windows-1252")
    return None
