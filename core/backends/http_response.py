"""An answer that is arriving, read within its limits of time and size."""

import asyncio
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from typing import Literal, Self

import aiohttp

from core.backends.faults import page_summary
from core.backends.limits import SizeLimits, TimeLimits
from core.backends.sse import Event, EventReader, LineReader, WholeReader
from core.errors import BadAnswer, Endless, StreamBroken, TimedOut
from core.reasons import Reason

Style = Literal["sse", "lines"]
Reader = EventReader | LineReader | WholeReader

_JSON = (b"{", b"[")
_EVENT = (b":", b"d", b"e", b"i", b"r")
"""A comment, or the fields data, event (error), id and retry."""
_STARTS = (*_JSON, *_EVENT)


_STEP = 256 << 10
"""A bomb is noticed while it opens, not when it is open."""
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_RAW = -zlib.MAX_WBITS
_GZIP = b"\x1f\x8b"


class HttpResponse:
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
        self.watch = Watch(response.content, times, started)
        encoding = response.headers.get("Content-Encoding", "")
        self._inflater = Inflater(encoding) if encoding else None
        self._ready: Iterator[bytes] = iter(())
        self._size = 0

    async def chunk(self, limit: int) -> bytes:
        """The next bytes, empty at the end.

        Raises TimedOut, StreamBroken, and BadAnswer when the body grows beyond `limit`.
        """
        while True:
            piece = next(self._ready, b"")
            if not piece:
                try:
                    piece = self._content.read_nowait() or await self._content.readany()
                except _Expired:
                    raise self.watch.fault() from None
                except (aiohttp.ClientError, OSError) as error:
                    # Once there is an error aiohttp's own methods tell nothing else, and what
                    # came right before a break would be lost.
                    piece = self._content._read_nowait(-1)
                    if not piece:
                        raise StreamBroken() from error
                self.watch.heard()
                if piece and self._inflater is not None:
                    self._ready = self._inflater.feed(piece)
                    continue
            self._size += len(piece)
            if self._size > limit:
                raise BadAnswer(Reason.ANSWER_TOO_LARGE, limit=limit)
            return piece

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

    async def events(self, style: Style) -> "EventStream":
        """The body as events, read by what it is and not by what was asked for."""
        limit = self.size_limits.stream
        first = await self.chunk(limit)
        while first and not first.strip():
            # Some servers send blanks while they think, whatever comes then.
            first = await self.chunk(limit)
        return EventStream(self, self._reader(style, first), first)

    def _reader(self, style: Style, first: bytes) -> Reader:
        line = self.size_limits.line
        start = first.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
        if start == b"<" or (start not in _STARTS and self.content_type == "text/html"):
            page = first.decode("utf-8", "replace")
            raise BadAnswer(Reason.WEB_PAGE, page_summary(page), status=self.status)
        if start in _EVENT:
            return EventReader(line)
        if style == "lines":
            return LineReader(line)
        if start in _JSON or self.content_type == "application/json":
            return WholeReader(self.size_limits.answer)
        return EventReader(line)


class Inflater:
    """Undoes one `Content-Encoding`; raises BadAnswer for those that nobody asked for."""

    def __init__(self, encoding: str) -> None:
        self._name = encoding.strip().lower()
        if self._name not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise BadAnswer(Reason.GARBLED, self._name[:20])
        self._stream: zlib._Decompress | None = None
        self._head = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The unpacked bytes in pieces of at most `_STEP`."""
        if self._name in ("", "identity"):
            yield data
            return
        data, self._head = self._head + data, b""
        while data:
            if self._stream is None or self._stream.eof:
                if len(data) < 2:
                    self._head = data
                    return
                if self._stream is not None and data[:2] != _GZIP:
                    return  # a body may be several compressed ones; anything else is padding
                # "deflate" is often sent without zlib's two bytes in front, against RFC 9110.
                has_header = data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
                is_raw = self._name == "deflate" and not has_header
                self._stream = zlib.decompressobj(_RAW if is_raw else _GZIP_OR_ZLIB)
            try:
                piece = self._stream.decompress(data, _STEP)
            except zlib.error as error:
                raise BadAnswer(Reason.GARBLED) from error
            data = self._stream.unconsumed_tail or self._stream.unused_data
            if piece:
                yield piece


class _Expired(Exception):
    """Set on the stream of bytes when its time is over."""


class Watch:
    """One timer for a whole answer: a timeout for each read would cost more than the read.

    It looks at the clock when the earliest limit could be reached, and sleeps again if bytes
    have come since.
    """

    def __init__(self, content: aiohttp.StreamReader, times: TimeLimits, started: float) -> None:
        self.settled = False
        """Set with the first text: from there on silence is measured."""
        self._content = content
        self._times = times
        self._loop = asyncio.get_running_loop()
        self._last = self._loop.time()
        self._first_by = started + times.first
        self._end_by = started + times.total
        self._timer: asyncio.TimerHandle | None = None
        self._look()

    def heard(self) -> None:
        self._last = self._loop.time()

    def hurry(self, seconds: float) -> None:
        """Brings the end nearer: all that matters has come, the rest gets this long."""
        self._end_by = min(self._end_by, self._loop.time() + seconds)
        self.stop()
        self._look()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def fault(self) -> TimedOut:
        phase = "silence" if self.settled else "first"
        phase = "total" if self._limit() == self._end_by else phase
        kind = Endless if phase == "total" else TimedOut
        return kind(phase=phase, seconds=getattr(self._times, phase))

    def _limit(self) -> float:
        quiet_by = self._last + self._times.silence if self.settled else self._first_by
        return min(self._end_by, quiet_by)

    def _look(self) -> None:
        if self._loop.time() >= self._limit():
            self._content.set_exception(_Expired())
            return
        # Text may come at any time and shorten the wait from "first" to "silence".
        patience = min(self._times.silence, self._times.first) / 4
        at = min(self._limit(), self._loop.time() + max(patience, 0.01))
        self._timer = self._loop.call_at(at, self._look)


class EventStream:
    """An asynchronous iterator over the events of an answer. Holds nothing to be released."""

    def __init__(self, answer: HttpResponse, reader: Reader, first: bytes) -> None:
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
