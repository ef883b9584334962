"""Who may send next, when Discord would refuse, and what becomes of a request that went wrong."""

import asyncio
from unittest.mock import Mock

import aiohttp
import discord
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.limits.requests import (
    PATIENCE,
    TROUBLE,
    Failure,
    RequestScheduler,
    Stalled,
    edit_key,
    failure_of,
    key_of,
    patiently,
    post_key,
    webhook_key,
)

API = "/api/v10"


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("method", "path", "key"),
    [
        ("POST", f"{API}/channels/12/messages", post_key(12)),
        ("PATCH", f"{API}/channels/12/messages/34", edit_key(12)),
        ("POST", f"{API}/webhooks/56/token", webhook_key(56)),
        ("PATCH", f"{API}/webhooks/56/token/messages/78", webhook_key(56)),
        ("PUT", f"{API}/channels/12/messages/34/reactions/x/@me", None),
        ("PATCH", f"{API}/webhooks/56", None),
        ("GET", f"{API}/users/@me", None),
    ],
)
def test_requests_are_counted_against_their_limit(
    method: str, path: str, key: tuple[str, str] | None
) -> None:
    assert key_of(method, path) == key


@pytest.mark.parametrize("odd", ["nan", "inf", "-1e999", "soon"])
def test_odd_headers_hold_nothing_up(odd: str) -> None:
    scheduler = RequestScheduler(clock=Clock())
    scheduler.observe(
        edit_key(1), 200, {"X-RateLimit-Remaining": odd, "X-RateLimit-Reset-After": odd}
    )
    scheduler.observe(edit_key(2), 429, {"Retry-After": odd})
    assert [scheduler.ready(edit_key(one), final=True) for one in (1, 2)] == [100.0, 100.0]


def test_unknown_limits_do_not_hold_anything_up() -> None:
    clock = Clock()
    assert RequestScheduler(clock=clock).ready(edit_key(1), final=False) == clock.now


def test_the_last_request_of_a_bucket_is_kept_for_the_last_edit() -> None:
    clock = Clock()
    scheduler, key = RequestScheduler(clock=clock), edit_key(1)
    scheduler.observe(key, 200, {"X-RateLimit-Remaining": "1", "X-RateLimit-Reset-After": "4.0"})
    assert scheduler.ready(key, final=False) == clock.now + 4 - PATIENCE
    assert scheduler.ready(key, final=True) == clock.now
    scheduler.observe(key, 200, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "4.0"})
    assert scheduler.ready(key, final=True) == clock.now + 4
    clock.now += 5
    assert scheduler.ready(key, final=False) == clock.now


def test_a_429_holds_its_own_limit_only() -> None:
    clock = Clock()
    scheduler = RequestScheduler(clock=clock)
    scheduler.observe(webhook_key(5), 429, {"Retry-After": "40", "X-RateLimit-Remaining": "3"})
    assert scheduler.ready(webhook_key(5), final=True) == clock.now + 40
    assert scheduler.ready(post_key(5), final=True) == clock.now
    assert scheduler.refusals == 1


async def test_the_most_urgent_goes_first() -> None:
    clock = Clock()
    scheduler, order = RequestScheduler(rate=1000, burst=1, clock=clock), []
    await scheduler.acquire(lambda now: 0)

    async def go(name: str, urgency: float) -> None:
        await scheduler.acquire(lambda now: urgency)
        order.append(name)

    tasks = [
        asyncio.create_task(go(name, value)) for name, value in (("a", 1), ("b", 20), ("c", 6))
    ]
    await asyncio.sleep(0)
    while not all(task.done() for task in tasks):
        clock.now += 0.001
        await asyncio.sleep(0.001)
    assert order == ["b", "c", "a"]


async def test_no_more_than_the_rate_go_out() -> None:
    clock = Clock()
    scheduler, gone = RequestScheduler(clock=clock), []

    async def go() -> None:
        await scheduler.acquire(lambda now: 0)
        gone.append(clock.now)

    tasks = [asyncio.create_task(go()) for _ in range(100)]
    while len(gone) < 100:
        clock.now += 0.01
        await asyncio.sleep(0.001)
    await asyncio.gather(*tasks)
    for start in gone:
        assert sum(start <= at < start + 1 for at in gone) <= 50


async def test_a_cancelled_request_gives_its_slot_back() -> None:
    clock = Clock()
    scheduler = RequestScheduler(rate=0.001, burst=1, clock=clock)
    await scheduler.acquire(lambda now: 0)
    first = asyncio.create_task(scheduler.acquire(lambda now: 2))
    await asyncio.sleep(0)
    clock.now += 1000
    second = asyncio.create_task(scheduler.acquire(lambda now: 1))
    asyncio.get_running_loop().call_soon(first.cancel)
    await second
    assert first.cancelled()


async def test_a_global_429_stops_everything() -> None:
    clock = Clock()
    scheduler = RequestScheduler(clock=clock)
    scheduler.observe(post_key(1), 429, {"Retry-After": "3", "X-RateLimit-Global": "true"})
    task = asyncio.create_task(scheduler.acquire(lambda now: 0))
    for _ in range(20):
        clock.now += 0.1
        await asyncio.sleep(0.001)
    assert not task.done()
    clock.now += 1.1
    await scheduler.acquire(lambda now: 0)
    await task


@pytest.mark.parametrize("body", ["", "<p>Slow", "[]", "{}", '{"retry_after": null, "code": []}'])
async def test_a_refusal_that_names_no_time_is_discords_trouble(body: str) -> None:
    async def refuse(_request: web.Request) -> web.Response:
        return web.Response(status=429, text=body, content_type="application/json")

    app = web.Application()
    app.router.add_get("/", refuse)
    trace = RequestScheduler().trace()
    async with TestServer(app) as server, aiohttp.ClientSession(trace_configs=[trace]) as session:
        with pytest.raises(discord.DiscordServerError):
            await session.get(server.make_url("/"))


def refused(status: int, code: int = 0) -> discord.HTTPException:
    return discord.HTTPException(Mock(status=status), {"code": code})


def test_a_stalled_request_is_trouble_as_any_other() -> None:
    assert isinstance(Stalled(unsure=True), TROUBLE)


async def test_passing_trouble_is_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.limits.requests._FIRST_PAUSE", 0.0)
    told = iter([refused(429), discord.DiscordServerError(Mock(status=429), None)])

    async def request() -> str:
        for error in told:
            raise error
        return "there"

    assert await patiently(request) == "there"


async def test_lasting_trouble_is_not() -> None:
    asked = []

    async def request() -> None:
        asked.append(1)
        raise refused(403, 50013)

    with pytest.raises(discord.HTTPException):
        await patiently(request)
    assert len(asked) == 1


def test_a_code_says_more_than_the_kind_of_error() -> None:
    old = discord.DiscordServerError(Mock(status=429), {"code": 30046})
    assert failure_of(old) is Failure.TOO_OLD
