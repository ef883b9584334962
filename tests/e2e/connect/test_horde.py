"""AI Horde through the whole bot: no key, a visible wait, details under the reply."""

import dataclasses
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


async def test_C3_C4_without_a_key_and_with_a_visible_wait(chat: Tavern) -> None:
    keys: list[Any] = []
    may_end = False

    async def submit(request: web.Request) -> web.Response:
        keys.append(request.headers.get("apikey"))
        return web.json_response({"id": "job", "kudos": 12.5}, status=202)

    async def status(request: web.Request) -> web.Response:
        return web.json_response(DONE if may_end else WAITING)

    async def listed(request: web.Request) -> web.Response:
        return web.json_response([])

    application = web.Application()
    application.router.add_post("/v2/generate/text/async", submit)
    application.router.add_get("/v2/generate/text/status/job", status)
    application.router.add_get("/{path:.*}", listed)
    http = chat.engine.servers.http
    http.limits = dataclasses.replace(http.limits, poll=0.05)
    async with TestServer(application) as server:
        url = f"http://127.0.0.1:{server.port}"
        told = await chat.run("connect use", backend="horde", url=url)
        assert "missing" not in told
        chat.ann.send(chat.room, "Hello!")
        waits = await chat.until(lambda: "place 7" in chat.texts()[-1] and chat.texts()[-1])
        assert "40 seconds" in waits
        may_end = True
        await chat.until(lambda: chat.texts()[-1].startswith("Come in."))
        await chat.until(lambda: "worker Ann's box" in chat.texts()[-1])
    assert keys == ["0000000000"]
