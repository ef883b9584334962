"""What a stand-in has to know about a protocol."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Pieces = Sequence[str]


@dataclass(frozen=True)
class Family:
    """Bytes as the real server writes them.

    `finish` is "stop" or "length". `error` gives the body of an error answer, `inside` the
    frame that a real server puts into a stream that fails on the way.
    """

    protocol: str
    routes: tuple[str, ...]
    """Ends of the paths that give replies."""
    content_type: str
    frames: Callable[[Pieces, str], list[bytes]]
    whole: Callable[[str, str], Any]
    error: Callable[[int, str], Any]
    inside: Callable[[str], bytes]
    stop_key: tuple[str, ...] = ("stop",)
    limit_key: tuple[str, ...] = ("max_tokens",)
    tells_length: bool = True
    """Whether the end says that the length was reached."""
    overflow: Any = None
    """The body of a 400 for a prompt that is too long."""


def sse(document: Any, *, event: str = "", space: bool = True, end: str = "\n") -> bytes:
    """One event as a server writes it."""
    head = f"event: {event}{end}" if event else ""
    data = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
    return f"{head}data:{' ' if space else ''}{data}{end}{end}".encode()


def line(document: Any) -> bytes:
    """One line of JSON."""
    return (json.dumps(document, ensure_ascii=False) + "\n").encode()


def at(body: Any, path: Sequence[str]) -> Any:
    """The value at a path, None where it ends early."""
    for key in path:
        body = body.get(key) if isinstance(body, dict) else None
    return body
