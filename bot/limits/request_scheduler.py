"""Lets the whole bot's requests out, most urgent first, and knows what Discord still allows."""

import asyncio
import json
import math
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import TypeAlias

import aiohttp
import discord
import regex
from cachetools import TLRUCache

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

    def follow(self) -> None:
        _tracked.set(self)


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
        bucket = self._buckets.get(key)
        now = self.clock()
        if bucket is None:
            return now
        if bucket.blocked > now:
            return bucket.blocked
        if bucket.remaining <= 0:
            return bucket.resets
        if bucket.remaining == 1 and not final:
            return max(now, bucket.resets - PATIENCE)
        return now

    def observe(self, key: Key | None, status: int, headers: Mapping[str, str]) -> None:
        """Learns from one answer's headers."""
        now = self.clock()
        if status == 429:
            self.refusals += 1
            wait = _wait(headers)
            if headers.get("X-RateLimit-Global"):
                self._paused = now + wait
            elif key is not None:
                self._buckets[key] = replace(self._bucket(key), blocked=now + wait)
        elif key is not None and (remaining := headers.get("X-RateLimit-Remaining")) is not None:
            resets = now + _number(headers.get("X-RateLimit-Reset-After"))
            self._buckets[key] = replace(
                self._bucket(key), remaining=int(_number(remaining)), resets=resets
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
        tracked = _tracked.get()
        if tracked is not None:
            tracked.on_wire = False
        if answer.status == 429:
            await _check_refusal(answer)
        if tracked is not None:
            if answer.status < 300:
                tracked.landed.set()
            if answer.status == 429 and _wait(answer.headers) > LONGEST_SLEEP:
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
    reset = _number(headers.get("X-RateLimit-Reset-After"))
    return max(reset, _number(headers.get("Retry-After")))


def _number(text: str | None) -> float:
    try:
        number = float(text or 0)
    except ValueError:
        return 0.0
    return number if math.isfinite(number) else 0.0
