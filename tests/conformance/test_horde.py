"""AI Horde's asking again and again, against a stand-in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from core.backends.catalog import Catalog
from core.backends.http import Http
from core.backends.limits import HttpLimits, TimeLimits
from core.backends.types import Delta, Finish, Request
from core.errors import BackendError, Overloaded, QuotaExhausted, Refused, TimedOut
from core.kind import Kind
from core.network import AddressClass
from core.secret import Secret

REQUEST = Request(Kind.TEXT, "koboldcpp/mira", prompt="Mira:", max_tokens=400, context_size=16384)
WAITING = {
    "finished": 0, "processing": 0, "waiting": 1, "restarted": 0, "done": False, "faulted": False,
    "wait_time": 40, "queue_position": 7, "kudos": 0.0, "is_possible": True, "generations": [],
}  # fmt: skip
GENERATION = {
    "text": " Come in.", "model": "koboldcpp/mira", "worker_id": "w", "worker_name": "Ann's box",
    "state": "ok", "seed": 0, "gen_metadata": [],
}  # fmt: skip
DONE = {**WAITING, "done": True, "finished": 1, "waiting": 0, "queue_position": 0, "kudos": 12.5,
        "generations": [GENERATION]}  # fmt: skip
WORKERS = [
    {"name": "a", "online": True, "models": ["koboldcpp/mira"], "max_length": 300,
     "max_context_length": 8192},
    {"name": "b", "online": True, "models": ["koboldcpp/mira", "x"], "max_length": 512,
     "max_context_length": 4096},
    {"name": "c", "online": True, "models": ["x"], "max_length": 80, "max_context_length": 1024},
]  # fmt: skip


class Horde:
    """Answers one state after the other; the last one again and again."""

    def __init__(self, *states: Any) -> None:
        self.states = list(states)
        self.submitted: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.deleted = asyncio.Event()
        self.deletions = 0
        self.refusal: tuple[int, dict[str, str]] | None = None

    async def submit(self, request: web.Request) -> web.Response:
        self.submitted.append(await request.json())
        self.keys.append(request.headers.get("apikey"))
        if self.refusal is not None:
            return web.json_response(self.refusal[1], status=self.refusal[0])
        return web.json_response({"id": "job-1", "kudos": 12.5}, status=202)

    async def status(self, request: web.Request) -> web.Response:
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        if isinstance(state, int):
            return web.json_response({"message": "slow down", "rc": "x"}, status=state)
        return web.json_response(state)

    async def delete(self, request: web.Request) -> web.Response:
        self.deletions += 1
        self.deleted.set()
        return web.json_response(WAITING)

    async def workers(self, request: web.Request) -> web.Response:
        return web.json_response(WORKERS)

    async def models(self, request: web.Request) -> web.Response:
        return web.json_response(
            [{"name": "x", "count": 1}, {"name": "koboldcpp/mira", "count": 9}]
        )


@asynccontextmanager
async def running(horde: Horde, total: float = 5) -> AsyncIterator[Any]:
    application = web.Application()
    job = "/v2/generate/text/status/job-1"
    application.router.add_post("/v2/generate/text/async", horde.submit)
    application.router.add_get(job, horde.status)
    application.router.add_delete(job, horde.delete)
    application.router.add_get("/v2/workers", horde.workers)
    application.router.add_get("/v2/status/models", horde.models)
    times = TimeLimits(first=5, silence=5, total=total)
    async with (
        TestServer(application) as server,
        Http(reach=AddressClass.PRIVATE, limits=HttpLimits(horde=times, poll=0.005)) as http,
    ):
        url = f"http://127.0.0.1:{server.port}"
        yield Catalog.load().create(Catalog.load().get("horde"), Kind.TEXT, http, url, Secret())


async def ask(horde: Horde, total: float = 5) -> list[Delta]:
    async with running(horde, total) as backend, aclosing(backend.stream(REQUEST)) as deltas:
        return [delta async for delta in deltas]


async def test_the_place_in_the_queue_is_told_while_waiting() -> None:
    running_now = {**WAITING, "processing": 1, "waiting": 0, "queue_position": 0, "wait_time": 9}
    horde = Horde(WAITING, WAITING, 429, running_now, DONE)
    deltas = await ask(horde)
    waits = [(delta.wait.position, delta.wait.seconds) for delta in deltas if delta.wait]
    assert waits == [(7, 40), (0, 9)]
    assert "".join(delta.text for delta in deltas) == " Come in."
    notes = [str(delta.note) for delta in deltas if delta.note]
    assert notes == ["worker-context:4096", "worker-reply:300", "worker:Ann's box", "kudos:12.5"]
    assert deltas[-1].finish is Finish.STOP
    assert horde.deletions == 0


async def test_it_works_without_a_key_and_within_the_workers_limits() -> None:
    horde = Horde(DONE)
    await ask(horde)
    assert horde.keys == ["0000000000"]
    params = horde.submitted[0]["params"]
    assert (params["max_context_length"], params["max_length"]) == (4096, 300)
    assert horde.submitted[0]["models"] == ["koboldcpp/mira"]


async def test_closing_deletes_the_job() -> None:
    horde = Horde(WAITING)
    async with running(horde) as backend:
        async with aclosing(backend.stream(REQUEST)) as deltas:
            await anext(deltas)
        assert horde.deletions == 1


async def test_cancelling_deletes_the_job() -> None:
    horde = Horde(WAITING)
    async with running(horde) as backend:

        async def listen() -> None:
            async for _ in backend.stream(REQUEST):
                heard.set()

        heard = asyncio.Event()
        task = asyncio.create_task(listen())
        await heard.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with asyncio.timeout(5):
            await horde.deleted.wait()


@pytest.mark.parametrize(
    ("states", "error"),
    [
        ([{**WAITING, "faulted": True}], Overloaded),
        ([{**WAITING, "is_possible": False}], Overloaded),
        ([{**DONE, "generations": [{**GENERATION, "state": "censored"}]}], Refused),
    ],
)
async def test_jobs_that_fail_say_why(states: list[Any], error: type[BackendError]) -> None:
    with pytest.raises(error):
        await ask(Horde(*states))


async def test_a_short_gap_of_workers_is_borne() -> None:
    impossible = {**WAITING, "is_possible": False}
    assert await ask(Horde(impossible, impossible, WAITING, impossible, DONE))


async def test_the_wait_has_an_end() -> None:
    horde = Horde(WAITING)
    with pytest.raises(TimedOut):
        await ask(horde, total=0.05)
    assert horde.deletions == 1


async def test_kudos_that_are_missing_are_a_matter_of_quota() -> None:
    horde = Horde(DONE)
    horde.refusal = (403, {"message": "This request requires 20 kudos", "rc": "KudosUpfront"})
    with pytest.raises(QuotaExhausted) as caught:
        await ask(horde)
    assert "20 kudos" in caught.value.detail


async def test_models_and_their_limits() -> None:
    async with running(Horde(DONE)) as backend:
        assert [model.id for model in await backend.models()] == ["koboldcpp/mira", "x"]
        probe = await backend.probe("koboldcpp/mira")
        assert (probe.context_size, probe.longest_reply) == (4096, 300)
        assert (await backend.probe()).context_size == 4096
