"""Runs one request to Discord with a limit of our own, and judges what went wrong with it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import TypeVar

import aiohttp
import discord

from bot.limits.request_scheduler import TrackedRequest

T = TypeVar("T")

# discord.py sleeps out any wait a webhook is told, with its lock held; we wait no longer than this.
SECONDS = 12.0
_PATIENCE = 4.0
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
    """AutoMod does not let this text through."""
    FAULT = "fault"
    """A mistake of ours."""


_BY_CODE = {
    10008: Failure.MESSAGE_GONE,
    10015: Failure.WEBHOOK_GONE,
    50027: Failure.WEBHOOK_GONE,
    30046: Failure.TOO_OLD,
    20028: Failure.PASSING,
    130000: Failure.PASSING,
    200000: Failure.BLOCKED,
    200001: Failure.BLOCKED,
    50083: Failure.FORBIDDEN,
    160005: Failure.FORBIDDEN,
    20016: Failure.FORBIDDEN,
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
    """What to make of an error that a request to Discord ended with."""
    code = error.code if isinstance(error, discord.HTTPException) else 0
    if code in _BY_CODE:
        return _BY_CODE[code]
    if isinstance(error, _PASSING):
        return Failure.PASSING
    if not isinstance(error, discord.HTTPException):
        return Failure.FAULT
    if error.status == 429:
        return Failure.PASSING
    return Failure.FORBIDDEN if error.status in (401, 403, 404) else Failure.FAULT


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
    task = asyncio.create_task(_tracked(tracked, request))
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


async def _tracked(tracked: TrackedRequest, request: Callable[[], Awaitable[T]]) -> T:
    tracked.follow()
    return await request()


def _over(task: "asyncio.Task[object]", background: "set[asyncio.Task[object]]") -> None:
    background.discard(task)
    if not task.cancelled():
        task.exception()


async def patiently(request: Callable[[], Awaitable[T]], seconds: float = _PATIENCE) -> T:
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
