"""AI Horde through the whole bot: no key, a visible wait, details under the reply."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.e2e.tavern.tavern import Tavern

WAITING = {
    "finished": 0, "processing": 0, "waiting": 1, "restarted": 0, "done": False, "faulted": False,
    "wait_time": 40, "queue_position": 7, "kudos": 0.0, "is_possible": True, "generations": [],
}  # fmt: skip
WRITTEN = {"text": " Come in.", "model": "m", "worker_id": "w", "worker_name": "Ann's box",
           "state": "ok", "seed": 0, "gen_metadata": []}  # fmt: skip
DONE = {**WAITING, "done": True, "finished": 1, "waiting": 0, "kudos": 12.5,
        "generations": [WRITTEN]}  # fmt: skip


WORKER = {"name": "Ann's box", "online": True, "models": ["m"], "max_length": 80,
          "max_context_length": 2048}  # fmt: skip


@dataclasses.dataclass
class Volunteers:
    """A stand-in of the Horde with these workers; jobs wait until they may end."""

    workers: list[dict[str, Any]]
    may_end: bool = False
    keys: list[str | None] = dataclasses.field(default_factory=list)
    jobs: list[Any] = dataclasses.field(default_factory=list)
    may_tell: asyncio.Event = dataclasses.field(default_factory=asyncio.Event)
    """Set: the list of workers is told at once."""

    def __post_init__(self) -> None:
        self.may_tell.set()

    @property
    def application(self) -> web.Application:
        """Its routes."""
        application = web.Application()
        application.router.add_post("/v2/generate/text/async", self.submit)
        application.router.add_get("/v2/generate/text/status/job", self.status)
        application.router.add_get("/v2/workers", self.listed)
        application.router.add_get("/{path:.*}", self.nothing)
        return application

    async def submit(self, request: web.Request) -> web.Response:
        self.keys.append(request.headers.get("apikey"))
        self.jobs.append(await request.json())
        return web.json_response({"id": "job", "kudos": 12.5}, status=202)

    async def status(self, request: web.Request) -> web.Response:
        return web.json_response(DONE if self.may_end else WAITING)

    async def listed(self, request: web.Request) -> web.Response:
        await self.may_tell.wait()
        return web.json_response(self.workers)

    async def nothing(self, request: web.Request) -> web.Response:
        return web.json_response([])


@asynccontextmanager
async def asked(chat: Tavern, volunteers: Volunteers) -> AsyncIterator[str]:
    """The Horde is connected; gives what `/connect use` said."""
    http = chat.engine.models.pool.http
    http.limits = dataclasses.replace(http.limits, poll=0.05)
    async with TestServer(volunteers.application) as server:
        url = f"http://127.0.0.1:{server.port}"
        yield await chat.run("connect use", backend="horde", url=url)


async def test_a_slow_horde_holds_up_no_command(chat: Tavern) -> None:
    volunteers = Volunteers([WORKER], may_end=True)
    volunteers.may_tell.clear()
    async with asked(chat, volunteers) as told:
        assert "It takes its time to tell about itself." in told
        volunteers.may_tell.set()
        await chat.until(lambda: not chat.engine.models.pool._running)
        assert "Context: 2,048 tokens" in await chat.run("connect show")


async def test_a_model_chosen_later_has_its_own_workers(chat: Tavern) -> None:
    large = {**WORKER, "models": ["large"], "max_context_length": 4096}
    async with asked(chat, Volunteers([WORKER, large], may_end=True)):
        await chat.run("connect model use", model="large")
        assert "Context: 4,096 tokens" in await chat.run("connect show")
        await chat.run("connect model use", model="m")
        assert "Context: 2,048 tokens" in await chat.run("connect show")
