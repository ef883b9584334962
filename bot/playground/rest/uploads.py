"""Reads request bodies: JSON, or multipart with `payload_json` and files."""

import json
from typing import Any

from aiohttp import BodyPartReader, web

from bot.playground.rules.errors import invalid, refuse
from bot.playground.world.models import Upload

FILE_BYTES = 10 << 20
REQUEST_BYTES = 25 << 20


async def read_body(request: web.Request) -> tuple[Any, list[Upload]]:
    """The decoded JSON and the files of a request.

    Raises `Refused`: 50109 for broken JSON, 40005 for files that are too large.
    """
    if request.content_type.startswith("multipart/"):
        return await _read_parts(request)
    try:
        raw = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise refuse(40005) from None
    if not raw:
        return None, []
    if request.content_type != "application/json":
        sentence = 'Expected "Content-Type" header to be one of {"application/json"}.'
        raise invalid(("_misc",), "CONTENT_TYPE_INVALID", sentence)
    return _decode(raw), []


def _decode(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise refuse(50109) from None


async def _read_parts(request: web.Request) -> tuple[Any, list[Upload]]:
    body: Any = None
    files: list[Upload] = []
    total = 0
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        content = bytearray()
        # A refused body is still read to its end, or the client would see a broken pipe.
        while chunk := await part.read_chunk(1 << 16):
            total += len(chunk)
            if len(content) <= FILE_BYTES and total <= REQUEST_BYTES:
                content += chunk
        if total > REQUEST_BYTES:
            continue
        if part.name == "payload_json":
            body = _decode(bytes(content))
        else:
            files.append(_upload(part, bytes(content)))
    if total > REQUEST_BYTES or any(len(each.content) > FILE_BYTES for each in files):
        raise refuse(40005)
    return body, files


def _upload(part: BodyPartReader, content: bytes) -> Upload:
    kind = part.headers.get("Content-Type")
    return Upload(part.name or "file", part.filename or "unknown", content, kind)
