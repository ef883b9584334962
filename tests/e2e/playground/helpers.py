"""The real discord.py client, pointed at a playground."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

import discord
import pytest
import yarl
from discord import app_commands

from bot.playground import Playground

T = TypeVar("T")


class Client(discord.Client):
    """An unmodified client with a command tree that remembers what it heard."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("intents", discord.Intents.all())
        options.setdefault("guild_ready_timeout", 0.05)
        super().__init__(allowed_mentions=discord.AllowedMentions.none(), **options)
        self.tree = app_commands.CommandTree(self)
        self.heard: list[discord.Message] = []
        self.raw: list[Any] = []
        self.readied = 0
        self.resumed = 0

    async def on_ready(self) -> None:
        self.readied += 1

    async def on_resumed(self) -> None:
        self.resumed += 1

    async def on_message(self, message: discord.Message) -> None:
        self.heard.append(message)

    async def on_raw_message_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        self.raw.append(event)

    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        self.raw.append(event)

    async def on_raw_bulk_message_delete(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        self.raw.append(event)

    def said(self) -> list[str]:
        return [message.content for message in self.heard]


def point(monkeypatch: pytest.MonkeyPatch, playground: Playground) -> None:
    """The three class attributes that lead an unmodified client elsewhere."""
    monkeypatch.setattr(discord.http.Route, "BASE", playground.api_url)
    gateway = yarl.URL(playground.gateway_url)
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", gateway)
    monkeypatch.setattr(discord.Asset, "BASE", playground.cdn_url)


@contextlib.asynccontextmanager
async def running(
    client: discord.Client, token: str, *, sync: bool = False
) -> AsyncIterator[asyncio.Task[None]]:
    """Starts a client, waits until it is ready, and closes it at the end."""
    task = asyncio.create_task(client.start(token))
    try:
        await started(client, task)
        if sync:
            await client.tree.sync()  # type: ignore[attr-defined]
        yield task
    finally:
        await client.close()
        with contextlib.suppress(Exception):
            await task


async def started(client: discord.Client, task: "asyncio.Task[None]") -> None:
    """Waits until the client is ready; raises what ended it before that."""
    await eventually(lambda: task.done() or client.is_ready())
    if task.done():
        await task


async def eventually(check: Callable[[], T], within: float = 10.0) -> T:
    """Polls until `check` is true; raises TimeoutError after a while."""
    async with asyncio.timeout(within):
        while not (found := check()):  # noqa: ASYNC110 -- discord.py tells nobody
            await asyncio.sleep(0.005)
    return found
