"""The body of a request as people are shown it: as it is sent, but for keys and pictures."""

import base64
import binascii
import re
from collections.abc import Iterable
from typing import Any

from core.backends.http import encode
from core.secret import Secret, scrub
from core.untrusted.pictures import picture_type

_DATA_URL = re.compile(r"data:([\w.+-]+/[\w.+-]+);base64,")
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_HEAD = 64
"""Characters of base64 from which the type of a picture is told."""


def shown_body(body: Any, secrets: Iterable[Secret] = ()) -> str:
    """The very text that is posted; keys are masked, and a picture is named by type and size."""
    return scrub(encode(without_pictures(body)).decode(), secrets)


def without_pictures(node: Any) -> Any:
    """The body with `(picture: image/png, 1,234 bytes)` for every picture in it."""
    if isinstance(node, dict):
        return {key: without_pictures(value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [without_pictures(value) for value in node]
    return _named(node) if isinstance(node, str) else node


def _named(text: str) -> str:
    found = _DATA_URL.match(text)
    data = text[found.end() :] if found else text
    kind = found[1] if found else _type_of(data)
    if not kind:
        return text
    size = len(data.rstrip("=")) * 3 // 4
    note = f"(picture: {kind}, {size:,} bytes)"
    return found[0] + note if found else note


def _type_of(data: str) -> str:
    """The type of a picture in base64; empty for any other text."""
    if len(data) < 8 or not _BASE64.fullmatch(data):
        return ""
    head = data[:_HEAD].rstrip("=")
    try:
        return picture_type(base64.b64decode(head[: len(head) // 4 * 4]))
    except binascii.Error:
        return ""
