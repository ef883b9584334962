"""Server-sent events and JSON lines, read from bytes cut anywhere."""

import codecs
from typing import NamedTuple

from core.errors import BadAnswer
from core.reasons import Reason

MAX_LINE = 1 << 20


class Event(NamedTuple):
    """One event: its `data` lines joined by newlines, and its name if it has one."""

    data: str
    name: str = ""


class LineSplitter:
    """Splits a byte stream into lines at \\n, \\r\\n or \\r, decoding UTF-8 as it comes.

    Raises BadAnswer when a line grows beyond `limit` characters.
    """

    def __init__(self, limit: int = MAX_LINE) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._pieces: list[str] = []
        self._size = 0
        self._limit = limit
        self._after_return = False

    def feed(self, data: bytes) -> list[str]:
        return self._split(self._decoder.decode(data))

    def close(self) -> list[str]:
        lines = self._split(self._decoder.decode(b"", final=True))
        rest = "".join(self._pieces)
        self._pieces = []
        return [*lines, rest] if rest else lines

    def _split(self, text: str) -> list[str]:
        if not text:
            return []
        if self._after_return:
            # The \r that ended the last chunk has already ended its line.
            text = text.removeprefix("\n")
        self._after_return = text.endswith("\r")
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        *lines, rest = text.split("\n")
        if lines:
            if self._pieces:
                lines[0] = "".join(self._pieces) + lines[0]
            self._pieces = []
            self._size = 0
            self._check(max(map(len, lines)))
        if rest:
            self._pieces.append(rest)
            self._size += len(rest)
            self._check(self._size)
        return lines

    def _check(self, size: int) -> None:
        if size > self._limit:
            raise BadAnswer(Reason.ANSWER_TOO_LARGE, limit=self._limit)


class EventReader:
    """An SSE decoder without input or output of its own: bytes in, events out."""

    def __init__(self, limit: int = MAX_LINE) -> None:
        self._lines = LineSplitter(limit)
        self._data: list[str] = []
        self._size = 0
        self._name = ""
        self._limit = limit

    def feed(self, data: bytes) -> list[Event]:
        return self._read(self._lines.feed(data))

    def close(self) -> list[Event]:
        """The event whose closing blank line never came (KoboldCpp up to 1.76 does that)."""
        events = self._read(self._lines.close())
        self._end(events)
        return events

    def _read(self, lines: list[str]) -> list[Event]:
        events: list[Event] = []
        for line in lines:
            if not line:
                self._end(events)
            elif line.startswith("data:"):
                # `data:{…}` (NovelAI, some proxies) is as valid as `data: {…}`.
                self._add(line[6:] if line.startswith("data: ") else line[5:])
            elif line.startswith("event:"):
                self._name = line[6:].removeprefix(" ")
            elif line.startswith("error:"):
                # Older llama.cpp builds write errors as a field of their own.
                self._name = "error"
                self._add(line[6:].removeprefix(" "))
        return events

    def _add(self, data: str) -> None:
        self._size += len(data)
        if self._size > self._limit:
            raise BadAnswer(Reason.ANSWER_TOO_LARGE, limit=self._limit)
        self._data.append(data)

    def _end(self, events: list[Event]) -> None:
        if self._data:
            data = self._data[0] if len(self._data) == 1 else "\n".join(self._data)
            events.append(Event(data, self._name))
            self._data = []
            self._size = 0
        self._name = ""


class LineReader:
    """JSON lines (Ollama): every line that is not blank is an event."""

    def __init__(self, limit: int = MAX_LINE) -> None:
        self._lines = LineSplitter(limit)

    def feed(self, data: bytes) -> list[Event]:
        return [Event(line) for line in self._lines.feed(data) if line.strip()]

    def close(self) -> list[Event]:
        return [Event(line) for line in self._lines.close() if line.strip()]


class WholeReader:
    """A body that is one JSON document, whatever was asked for."""

    def __init__(self, limit: int = MAX_LINE) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._text: list[str] = []
        self._size = 0
        self._limit = limit

    def feed(self, data: bytes) -> list[Event]:
        self._size += len(data)
        if self._size > self._limit:
            raise BadAnswer(Reason.ANSWER_TOO_LARGE, limit=self._limit)
        self._text.append(self._decoder.decode(data))
        return []

    def close(self) -> list[Event]:
        text = "".join(self._text) + self._decoder.decode(b"", final=True)
        return [Event(text)] if text.strip() else []
