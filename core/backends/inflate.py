"""Unpacking compressed bodies in small steps, so that a bomb is noticed while it opens."""

import zlib
from collections.abc import Iterator

from core.errors import BadAnswer

STEP = 256 << 10
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_RAW = -zlib.MAX_WBITS
_GZIP = b"\x1f\x8b"


class Inflater:
    """Undoes one `Content-Encoding`; raises BadAnswer for those that nobody asked for."""

    def __init__(self, encoding: str) -> None:
        self._name = encoding.strip().lower()
        if self._name not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise BadAnswer(f"an encoding that was not asked for: {self._name[:20]}")
        self._stream: zlib._Decompress | None = None
        self._head = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The unpacked bytes in pieces of at most `STEP`."""
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
                self._stream = zlib.decompressobj(self._form(data))
            try:
                piece = self._stream.decompress(data, STEP)
            except zlib.error as error:
                raise BadAnswer("damaged compression") from error
            data = self._stream.unconsumed_tail or self._stream.unused_data
            if piece:
                yield piece

    def _form(self, head: bytes) -> int:
        # "deflate" is often sent without zlib's two bytes in front, against RFC 9110.
        has_header = head[0] & 0x0F == 8 and (head[0] << 8 | head[1]) % 31 == 0
        return _RAW if self._name == "deflate" and not has_header else _GZIP_OR_ZLIB
