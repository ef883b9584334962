"""An answer that is arriving, read within its limits of time and size."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from typing import Literal, Protocol, Self

import aiohttp

from core.backends.faults import page_summary
from core.backends.inflate import Inflater
from core.backends.limits import SizeLimits, TimeLimits
from core.backends.sse import Event, EventReader, LineReader, WholeReader
from core.errors import BadAnswer, StreamBroken, TimedOut

Style = Literal["sse", "lines"]


class Reader(Protocol):
    """Bytes in, events out."""

    def feed(self, data: bytes) -> list[Event]: ...
    def close(self) -> list[Event]: ...


class Answer:
    """One HTTP answer. Times are loop times; sizes are bytes after unpacking."""

    def __init__(
        self, response: aiohttp.ClientResponse, times: TimeLimits, sizes: SizeLimits, started: float
    ) -> None:
        self.status = response.status
        self.reason = response.reason or ""
        self.headers = response.headers
        self.content_type = response.content_type
        self.size_limits = sizes
        self._content = response.content
        self._times = times
        self._first_by = started + times.first
        self._end_by = started + times.total
        self._settled = False
        self._patience: float | None = None
        self._inflater = Inflater(response.headers.get("Content-Encoding", ""))
        self._ready: Iterator[bytes] = iter(())
        self._size = 0

    def settle(self) -> None:
        """From here on silence is measured: the first text has come."""
        self._settled = True

    def hurry(self, seconds: float) -> None:
        """All that matters has come; what still may follow gets this long."""
        self._end_by = min(self._end_by, asyncio.get_running_loop().time() + seconds)

    async def chunk(self, limit: int) -> bytes:
        """The next bytes, empty at the end.

        Raises TimedOut, StreamBroken, and BadAnswer when the body grows beyond `limit`.
        """
        while True:
            piece = next(self._ready, b"")
            if piece:
                self._size += len(piece)
                if self._size > limit:
                    raise BadAnswer("the server's answer is too large", limit=limit)
                return piece
            raw = await self._receive()
            if not raw:
                return b""
            self._ready = self._inflater.feed(raw)

    async def _receive(self) -> bytes:
        waiting = self._content.read_nowait()
        if waiting:
            return waiting
        now = asyncio.get_running_loop().time()
        by = now + self._times.silence if self._settled else self._first_by
        try:
            async with asyncio.timeout_at(min(by, self._end_by)):
                return await self._content.readany()
        except TimeoutError as error:
            phase = "total" if self._end_by <= by else "silence" if self._settled else "first"
            raise TimedOut(
                "the server fell silent" if phase == "silence" else "the answer took too long",
                phase=phase,
                seconds=getattr(self._times, phase),
            ) from error
        except (aiohttp.ClientError, OSError) as error:
            raise StreamBroken("the connection broke off") from error

    async def text(self, limit: int) -> str:
        """The whole body; what is beyond `limit` bytes raises BadAnswer."""
        pieces = []
        while piece := await self.chunk(limit):
            pieces.append(piece)
        return b"".join(pieces).decode("utf-8-sig", "replace")

    async def beginning(self, limit: int) -> str:
        """The body up to `limit` bytes, for error pages; never raises for its size."""
        pieces: list[bytes] = []
        size = 0
        try:
            while size < limit and (piece := await self.chunk(1 << 62)):
                pieces.append(piece)
                size += len(piece)
        except (TimedOut, StreamBroken, BadAnswer):
            pass  # an error page that breaks off still says something
        return b"".join(pieces)[:limit].decode("utf-8-sig", "replace")

    async def events(self, style: Style) -> "Events":
        """The body as events, read by what it is and not by what was asked for."""
        first = await self.chunk(self.size_limits.stream)
        reader = await self._reader(style, first)
        return Events(self, reader, first)

    async def _reader(self, style: Style, first: bytes) -> Reader:
        line = self.size_limits.line
        start = first.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
        if start == b"<" or self.content_type == "text/html":
            page = first.decode("utf-8", "replace")
            raise BadAnswer(page_summary(page), status=self.status)
        if style == "lines":
            return LineReader(line)
        whole = self.content_type == "application/json" and not first.startswith((b"data", b":"))
        if whole or start in (b"{", b"["):
            return WholeReader(self.size_limits.answer)
        return EventReader(line)


class Events:
    """An asynchronous iterator over the events of an answer. Holds nothing to be released."""

    def __init__(self, answer: Answer, reader: Reader, first: bytes) -> None:
        self._answer = answer
        self._reader = reader
        self._feed: Callable[[bytes], list[Event]] = reader.feed
        self._queue: deque[Event] = deque(reader.feed(first) if first else ())
        self._open = bool(first)
        self.whole = isinstance(reader, WholeReader)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        while not self._queue:
            if not self._open:
                raise StopAsyncIteration
            piece = await self._answer.chunk(self._answer.size_limits.stream)
            if piece:
                self._queue.extend(self._feed(piece))
            else:
                self._open = False
                self._queue.extend(self._reader.close())
        return self._queue.popleft()
