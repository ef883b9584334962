"""A deferred answer that tells how far something is before it says what came of it."""

import asyncio
from contextlib import suppress

import discord

from bot.channel.placeholder import waiting_line
from bot.command_context import CommandContext
from core.backends.base import Wait
from core.tokenizers.download import Progress


class Fetching:
    """Shows a tokenizer's download in the answer to a command.

    Use as a context; `watch` is given to what may have to fetch, `say` gives the answer.
    """

    def __init__(self, context: CommandContext) -> None:
        self._here = context
        self._newest: Progress | None = None
        self._showing: asyncio.Task[None] | None = None

    def watch(self, progress: Progress) -> None:
        """Takes the newest figure; older ones that were not shown yet are skipped."""
        self._newest = progress
        if self._showing is None or self._showing.done():
            self._showing = asyncio.create_task(self._show())

    async def say(self, text: str) -> None:
        """The answer, in place of the figures where there were any."""
        if self._showing is None:
            await self._here.say(text)
            return
        self._newest = None
        await asyncio.wait([self._showing])
        await self._here.interaction.edit_original_response(content=text)

    async def _show(self) -> None:
        while self._newest is not None:
            progress, self._newest = self._newest, None
            wait = Wait("tokenizer", detail=progress.name, percent=progress.percent)
            with suppress(discord.HTTPException):
                await self._here.interaction.edit_original_response(content=waiting_line(wait))
