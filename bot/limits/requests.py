"""Runs one request to Discord with a limit of our own, and judges what went wrong with it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import TypeVar

import aiohttp
import discord

from bot.limits.request_scheduler import Call

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


class Verdict(StrEnum):
    """What a failed request means for the rest."""

    AGAIN = "again"
    """Passing trouble; the same request may work in a moment."""
    MESSAGE_GONE = "message-gone"
    HOOK_GONE = "hook-gone"
    TOO_OLD = "too-old"
    """Discord takes no more edits of this message."""
    BARRED = "barred"
    """Nothing can be written here any more."""
    BLOCKED = "blocked"
    """AutoMod does not let this text through."""
    FAULT = "fault"
    """A mistake of ours."""


_BY_CODE = {
    10008: Verdict.MESSAGE_GONE,
    10015: Verdict.HOOK_GONE,
    50027: Verdict.HOOK_GONE,
    30046: Verdict.TOO_OLD,
    20028: Verdict.AGAIN,
    130000: Verdict.AGAIN,
    200000: Verdict.BLOCKED,
    200001: Verdict.BLOCKED,
    50083: Verdict.BARRED,
    160005: Verdict.BARRED,
    20016: Verdict.BARRED,
}
_PASSING = (
    aiohttp.ClientError,
    OSError,
    TimeoutError,
    Stalled,
    discord.RateLimited,
    discord.DiscordServerError,
)


def verdict(error: Exception) -> Verdict:
    """What to make of an error that a request to Discord ended with."""
    code = error.code if isinstance(error, discord.HTTPException) else 0
    if code in _BY_CODE:
        return _BY_CODE[code]
    if isinstance(error, _PASSING):
        return Verdict.AGAIN
    if not isinstance(error, discord.HTTPException):
        return Verdict.FAULT
    if error.status == 429:
        return Verdict.AGAIN
    return Verdict.BARRED if error.status in (401, 403, 404) else Verdict.FAULT


async def run(request: Callable[[], Awaitable[T]], *, seconds: float = SECONDS) -> T:
    """The request's result. Raises Stalled when it is not there in time, or told to wait long."""
    call = Call()
    task = asyncio.create_task(_watched(call, request))
    refused = asyncio.create_task(call.refused.wait())
    try:
        await asyncio.wait({task, refused}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise Stalled(unsure=call.on_wire)
        return task.result()
    finally:
        refused.cancel()
        task.cancel()


async def patiently(request: Callable[[], Awaitable[T]]) -> T:
    """The result of a request that may be repeated; passing trouble is waited out for a while."""
    started, pause = time.monotonic(), _FIRST_PAUSE
    while True:
        try:
            return await request()
        except TROUBLE as error:
            if verdict(error) is not Verdict.AGAIN or time.monotonic() - started > _PATIENCE:
                raise
        await asyncio.sleep(pause)
        pause *= 2


async def land(
    request: Callable[[], Awaitable[object]], background: set[asyncio.Task[object]]
) -> None:
    """As `run`, but over as soon as Discord has taken the request.

    The call that takes a bucket's last request returns only when the bucket has refilled; what is
    left of it goes on in `background`.
    """
    call = Call()
    task = asyncio.create_task(_watched(call, request))
    signs = [asyncio.create_task(sign.wait()) for sign in (call.landed, call.refused)]
    try:
        await asyncio.wait({task, *signs}, timeout=SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
        elif call.landed.is_set():
            background.add(task)
            task.add_done_callback(lambda done: _over(done, background))
        else:
            raise Stalled(unsure=call.on_wire)
    finally:
        for sign in signs:
            sign.cancel()
        if task not in background:
            task.cancel()


def _over(task: "asyncio.Task[object]", background: "set[asyncio.Task[object]]") -> None:
    background.discard(task)
    if not task.cancelled():
        task.exception()


async def _watched(call: Call, request: Callable[[], Awaitable[T]]) -> T:
    call.watch()
    return await request()
