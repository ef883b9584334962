"""Lets requests to Discord out, most urgent first, and judges what went wrong with one."""

import asyncio
import json
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import SimpleNamespace
from typing import TypeAlias, TypeVar

import aiohttp
import discord
import regex
from cachetools import TLRUCache

T = TypeVar("T")

# Discord allows 50 requests a second in all; the rest is kept for commands.
RATE = 46.0
BURST = 4

# An interim edit may take a bucket's last request only if the bucket refills within this time,
# so that the last edit of a reply is never held up.
PATIENCE = 0.5

# In seconds; a request that is told to wait longer is given up and scheduled anew.
LONGEST_SLEEP = 4.0

Key: TypeAlias = tuple[str, str]
"""One rate limit: method and channel, or `webhook` and the webhook's id."""

_path = regex.compile(r"/(?P<kind>channels|webhooks)/(?P<id>\d+)(?P<rest>/.*)?$")
_scheduled = regex.compile(r"/messages(?:/\d+)?")
_tracked: ContextVar["TrackedRequest | None"] = ContextVar("tracked", default=None)

# discord.py sleeps out any wait a webhook is told, with its lock held; we wait no longer than this.
SECONDS = 12.0
_REPEATING_SECONDS = 4.0
_FIRST_PAUSE = 0.25

TROUBLE = (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError)
"""What a request to Discord can raise."""


class Stalled(TimeoutError):
    """Discord has not taken the request in time. `unsure`: it may take it yet."""

    def __init__(self, *, unsure: bool) -> None:
        super().__init__("Discord did not take the request in time")
        self.unsure = unsure


class Failure(StrEnum):
    """What a failed request means for the rest."""

    PASSING = "passing"
    """The same request may work in a moment."""
    MESSAGE_GONE = "message-gone"
    WEBHOOK_GONE = "webhook-gone"
    TOO_OLD = "too-old"
    """Discord takes no more edits of this message."""
    FORBIDDEN = "forbidden"
    """Nothing can be written here any more."""
    BLOCKED = "blocked"
    """AutoMod or another filter does not let this text through."""
    LINK = "link"
    """A filter does not let a link in this text through."""
    FAULT = "fault"
    """A mistake of ours."""


_BY_CODE = {
    10008: Failure.MESSAGE_GONE,
    10015: Failure.WEBHOOK_GONE,
    50027: Failure.WEBHOOK_GONE,
    30046: Failure.TOO_OLD,
    20028: Failure.PASSING,
    130000: Failure.PASSING,
    40333: Failure.PASSING,
    20009: Failure.BLOCKED,
    200000: Failure.BLOCKED,
    200001: Failure.BLOCKED,
    240000: Failure.LINK,
    50083: Failure.FORBIDDEN,
    160005: Failure.FORBIDDEN,
    20016: Failure.FORBIDDEN,
}
_BY_STATUS = {
    401: Failure.FORBIDDEN,
    403: Failure.FORBIDDEN,
    404: Failure.FORBIDDEN,
    429: Failure.PASSING,
}
_PASSING = (
    aiohttp.ClientError,
    OSError,
    TimeoutError,
    Stalled,
    discord.RateLimited,
    discord.DiscordServerError,
)


def failure_of(error: Exception) -> Failure:
    code = error.code if isinstance(error, discord.HTTPException) else 0
    if code in _BY_CODE:
        return _BY_CODE[code]
    if isinstance(error, _PASSING):
        return Failure.PASSING
    status = error.status if isinstance(error, discord.HTTPException) else 0
    return _BY_STATUS.get(status, Failure.FAULT)


def edit_key(channel_id: int) -> Key:
    return ("PATCH", str(channel_id))


def post_key(channel_id: int) -> Key:
    return ("POST", str(channel_id))


def webhook_key(webhook_id: int) -> Key:
    """The limit that all calls of a webhook share; discord.py runs them one after another."""
    return ("webhook", str(webhook_id))


@dataclass(slots=True)
class TrackedRequest:
    """What is known of a request of ours while discord.py works on it."""

    landed: asyncio.Event = field(default_factory=asyncio.Event)
    """Discord has taken it; discord.py may still be sleeping for the next one's sake."""
    on_wire: bool = False
    """Sent and not answered: whether it took effect cannot be known. Stays so after a drop."""
    refused: asyncio.Event = field(default_factory=asyncio.Event)
    """Answered 429 with a longer wait than we would; discord.py sleeps that long."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """What the headers of the last answer said; times by the scheduler's clock."""

    remaining: int = 1
    resets: float = 0.0
    blocked: float = 0.0


@dataclass(slots=True, eq=False)
class _Waiter:
    urgency: Callable[[float], float]
    slot: asyncio.Future[None]


class RequestScheduler:
    """One for the whole bot. `clock` counts seconds."""

    def __init__(
        self, rate: float = RATE, burst: int = BURST, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.clock = clock
        self.refusals = 0
        """Answers of 429 seen so far."""
        self._rate, self._burst = rate, burst
        self._tokens, self._filled = float(burst), clock()
        self._paused = 0.0
        self._waiting: list[_Waiter] = []
        self._timer: asyncio.TimerHandle | None = None
        self._buckets: TLRUCache[Key, Bucket] = TLRUCache(
            math.inf,
            ttu=lambda _key, bucket, _now: max(bucket.resets, bucket.blocked),
            timer=clock,
        )

    async def acquire(self, urgency: Callable[[float], float]) -> None:
        """Returns when one request may go out. `urgency` is asked anew whenever one is free."""
        waiter = _Waiter(urgency, asyncio.get_running_loop().create_future())
        self._waiting.append(waiter)
        self._grant()
        try:
            await waiter.slot
        except asyncio.CancelledError:
            if waiter in self._waiting:
                self._waiting.remove(waiter)
            else:
                self._tokens += 1
                self._grant()
            raise

    def ready(self, key: Key, *, final: bool) -> float:
        """When a request of this kind should go out at the earliest."""
        bucket, now = self._bucket(key), self.clock()
        if bucket.blocked > now:
            return bucket.blocked
        if bucket.remaining <= 0:
            return bucket.resets
        if bucket.remaining == 1 and not final:
            return max(now, bucket.resets - PATIENCE)
        return now

    def observe(self, key: Key | None, status: int, headers: Mapping[str, str]) -> None:
        now = self.clock()
        if status == 429:
            self.refusals += 1
            wait = _wait(headers)
            if headers.get("X-RateLimit-Global"):
                self._paused = now + wait
            elif key is not None:
                self._buckets[key] = replace(self._bucket(key), blocked=now + wait)
        elif key is not None and (remaining := headers.get("X-RateLimit-Remaining")) is not None:
            self._buckets[key] = replace(
                self._bucket(key),
                remaining=int(_number(remaining)),
                resets=now + _number(headers.get("X-RateLimit-Reset-After")),
            )

    def trace(self) -> aiohttp.TraceConfig:
        """Lets the scheduler see every answer that discord.py's session gets."""
        config = aiohttp.TraceConfig()
        config.on_request_start.append(_started)
        config.on_request_end.append(self._ended)
        return config

    async def _ended(
        self,
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        params: aiohttp.TraceRequestEndParams,
    ) -> None:
        answer = params.response
        self.observe(key_of(params.method, params.url.path), answer.status, answer.headers)
        tracked = _tracked.get() or TrackedRequest()
        tracked.on_wire = False
        if answer.status < 300:
            tracked.landed.set()
        elif answer.status == 429:
            await _check_refusal(answer)
            if _wait(answer.headers) > LONGEST_SLEEP:
                tracked.refused.set()

    def _bucket(self, key: Key) -> Bucket:
        return self._buckets.get(key) or Bucket()

    def _grant(self) -> None:
        now = self.clock()
        filled = self._tokens + (now - self._filled) * self._rate
        self._tokens, self._filled = min(float(self._burst), filled), now
        self._waiting = [waiter for waiter in self._waiting if not waiter.slot.done()]
        while self._waiting and self._tokens >= 1 and self._paused <= now:
            chosen = max(self._waiting, key=lambda waiter: waiter.urgency(now))
            self._waiting.remove(chosen)
            self._tokens -= 1
            chosen.slot.set_result(None)
        if self._waiting:
            wait = max((1 - self._tokens) / self._rate, self._paused - now, 0.001)
            if self._timer is not None:
                self._timer.cancel()
            self._timer = asyncio.get_running_loop().call_later(wait, self._grant)


def key_of(method: str, path: str) -> Key | None:
    """Which of our limits a request counts against; None for those we do not schedule."""
    found = _path.search(path)
    if found is None:
        return None
    if found["kind"] == "webhooks":
        return ("webhook", found["id"]) if found["rest"] else None
    return (method, found["id"]) if _scheduled.fullmatch(found["rest"] or "") else None


async def _started(
    _session: aiohttp.ClientSession, _context: SimpleNamespace, _params: object
) -> None:
    if (tracked := _tracked.get()) is not None:
        tracked.on_wire = True


async def _check_refusal(answer: aiohttp.ClientResponse) -> None:
    """Raises DiscordServerError where the body names no time: discord.py reads it unchecked."""
    try:
        body = json.loads(await answer.read())
    except ValueError:
        body = None
    told = body if isinstance(body, dict) else {}
    if not isinstance(told.get("retry_after"), int | float):
        code = told.get("code") if isinstance(told.get("code"), int) else 0
        known = {"code": code, "message": str(told.get("message", ""))}
        raise discord.DiscordServerError(answer, known)


def _wait(headers: Mapping[str, str]) -> float:
    return max(_number(headers.get(name)) for name in ("X-RateLimit-Reset-After", "Retry-After"))


def _number(text: str | None) -> float:
    try:
        number = float(text or 0)
    except ValueError:
        return 0.0
    return number if math.isfinite(number) else 0.0


async def run(request: Callable[[], Awaitable[T]]) -> T:
    """The request's result. Raises Stalled when it is not there in time, or told to wait long."""
    return (await _begun(request, until_landed=False)).result()


async def land(
    request: Callable[[], Awaitable[object]], background: set[asyncio.Task[object]]
) -> None:
    """As `run`, but over as soon as Discord has taken the request.

    The call that takes a bucket's last request returns only when the bucket has refilled; what is
    left of it goes on in `background`.
    """
    task: asyncio.Task[object] = await _begun(request, until_landed=True)
    if task.done():
        task.result()
    else:
        background.add(task)
        task.add_done_callback(lambda done: _over(done, background))


async def _begun(request: Callable[[], Awaitable[T]], *, until_landed: bool) -> "asyncio.Task[T]":
    """The request's task, done or landed."""
    tracked = TrackedRequest()
    task = asyncio.create_task(_followed(tracked, request))
    events = [tracked.refused, tracked.landed] if until_landed else [tracked.refused]
    waits = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait({task, *waits}, timeout=SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if task.done() or (until_landed and tracked.landed.is_set()):
            return task
        raise Stalled(unsure=tracked.on_wire)
    except BaseException:
        task.cancel()
        raise
    finally:
        for wait in waits:
            wait.cancel()


async def _followed(tracked: TrackedRequest, request: Callable[[], Awaitable[T]]) -> T:
    _tracked.set(tracked)
    return await request()


def _over(task: "asyncio.Task[object]", background: "set[asyncio.Task[object]]") -> None:
    background.discard(task)
    if not task.cancelled():
        task.exception()


async def patiently(request: Callable[[], Awaitable[T]], seconds: float = _REPEATING_SECONDS) -> T:
    """The result of a request that may be repeated; passing trouble is waited out for a while."""
    started, pause = time.monotonic(), _FIRST_PAUSE
    while True:
        try:
            return await request()
        except TROUBLE as error:
            if failure_of(error) is not Failure.PASSING or time.monotonic() - started > seconds:
                raise
        await asyncio.sleep(pause)
        pause *= 2
