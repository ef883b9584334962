"""A stand-in for a model's server on loopback: frames as the real one does, fails as told."""

import asyncio
import gzip
import inspect
import itertools
import json
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from tests.conformance.families import Family

TEXT = ("The", " lantern", " gutters", ", Tobin: 灯が 🏮揺れる", " – olá.")


@dataclass
class Act:
    """What the next reply request meets."""

    pieces: Sequence[str] = TEXT
    finish: str = "stop"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    message: str = "it did not work"
    body: bytes | None = None
    """Sent as it is, instead of the family's own answer."""
    content_type: str = ""
    chop: random.Random | None = None
    """Splits the bytes at random places."""
    break_after: int | None = None
    """Frames after which the connection is torn down."""
    end_after: int | None = None
    """Frames after which the body ends properly, without an end mark."""
    error_after: int | None = None
    """Frames after which an error object comes."""
    stall_after: int | None = None
    """Frames after which nothing comes any more."""
    wait_after: int | None = None
    """Frames after which the rest waits for `go_on`."""
    as_json: bool = False
    """A whole JSON answer although a stream was asked for."""


@dataclass
class Heard:
    """A request that came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    query: dict[str, str] = field(default_factory=dict)
    raw: str = ""
    """The body to the byte."""


class StandIn:
    """One server, of one family or several. `acts` are used up one by one; without one, replies
    are plain."""

    def __init__(
        self, family: Family, answers: dict[str, Any] | None = None, *more: Family
    ) -> None:
        self.family = family
        self.families = (family, *more)
        self.answers = answers or {}
        """JSON answers for other paths."""
        self.acts: list[Act] = []
        self.heard: list[Heard] = []
        self.asked = asyncio.Event()
        """A request for a reply has come."""
        self.gone = asyncio.Event()
        """Somebody hung up before the end."""
        self.go_on = asyncio.Event()
        """Replies that wait may end."""
        self.url = ""

    def says(self, *texts: str) -> None:
        """The next replies, each in one piece."""
        self.acts += [Act(pieces=[text]) for text in texts]

    @property
    def replies(self) -> list[Heard]:
        """The requests for replies."""
        return [heard for heard in self.heard if self._family(heard.path)]

    @property
    def bodies(self) -> list[Any]:
        """What was sent for each of them."""
        return [heard.body for heard in self.replies]

    def _family(self, path: str) -> Family | None:
        """The one whose route for replies this is, the longest where several fit."""
        fits = [
            (len(route), family)
            for family in self.families
            for route in family.routes
            if path.endswith(route)
        ]
        return max(fits, key=lambda fit: fit[0])[1] if fits else None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        text = await request.text()
        is_form = request.content_type == "application/x-www-form-urlencoded"
        body = dict(parse_qsl(text)) if is_form else json.loads(text) if text else None
        headers = {name.lower(): value for name, value in request.headers.items()}
        query = dict(request.query)
        self.heard.append(Heard(request.method, request.path, headers, body, query, text))
        if family := self._family(request.path):
            self.asked.set()
            act = self.acts.pop(0) if self.acts else Act()
            return await self._reply(request, family, body, act)
        for path, answer in self.answers.items():
            if request.path.endswith(path):
                told = answer(body) if callable(answer) else answer
                return web.json_response(await told if inspect.isawaitable(told) else told)
        return web.Response(status=404, text="<html><title>404 Not Found</title></html>",
                            content_type="text/html")  # fmt: skip

    async def _reply(
        self, request: web.Request, family: Family, body: Any, act: Act
    ) -> web.StreamResponse:
        headers = dict(act.headers)
        if act.body is not None:
            kind = {"Content-Type": act.content_type} if act.content_type else {}
            return await self._send(request, family, act, [act.body], headers | kind)
        if act.status != 200:
            document = family.error(act.status, act.message)
            return web.json_response(document, status=act.status, headers=headers)
        streams = body.get("stream", family.protocol == "ollama")
        if act.as_json or not ("stream" in request.path.lower() or streams):
            return web.json_response(family.whole("".join(act.pieces), act.finish))
        frames = family.frames(act.pieces, act.finish)
        kind = {"Content-Type": family.content_type}
        return await self._send(request, family, act, frames, headers | kind)

    async def _send(
        self,
        request: web.Request,
        family: Family,
        act: Act,
        frames: list[bytes],
        headers: dict[str, str],
    ) -> web.StreamResponse:
        response = web.StreamResponse(status=act.status, headers=headers)
        await response.prepare(request)
        try:
            for number, frame in enumerate(frames):
                if number == act.break_after and request.transport is not None:
                    request.transport.abort()
                    return response
                if number == act.end_after:
                    break
                if number == act.error_after:
                    await response.write(family.inside(act.message))
                    break
                if number == act.wait_after:
                    await self.go_on.wait()
                if number == act.stall_after:
                    await self._until_gone(request)
                    return response
                for piece in _chopped(frame, act.chop):
                    await response.write(piece)
                    await asyncio.sleep(0)
            await response.write_eof()
        except ConnectionResetError:
            self.gone.set()
        return response

    async def _until_gone(self, request: web.Request) -> None:
        # A transport has no event for being closed.
        while request.transport and not request.transport.is_closing():  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        self.gone.set()


def _chopped(data: bytes, chance: random.Random | None) -> list[bytes]:
    if chance is None:
        return [data]
    places = sorted(chance.sample(range(len(data) + 1), min(len(data), chance.randint(1, 9))))
    cuts = [0, *places, len(data)]
    return [data[start:end] for start, end in itertools.pairwise(cuts) if end > start]


def gzipped_zeros(size: int) -> bytes:
    """A small body that unpacks to `size` bytes."""
    return gzip.compress(b"0" * size, 9)


@asynccontextmanager
async def serve(
    family: Family, answers: dict[str, Any] | None = None, *more: Family
) -> AsyncIterator[StandIn]:
    """Runs a stand-in on a free port of loopback; `more` are its other routes for replies."""
    standin = StandIn(family, answers, *more)
    application = web.Application(client_max_size=1 << 26)
    application.router.add_route("*", "/{path:.*}", standin.handle)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    standin.url = f"http://127.0.0.1:{port}"
    try:
        yield standin
    finally:
        await runner.cleanup()
