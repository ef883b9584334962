import asyncio
from contextlib import suppress

import discord
from discord import app_commands

from bot.channel.placeholder import waiting_line
from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.views.tokens import count_lines
from core.backends.types import Wait, WaitReason
from core.models_in_use.models import count_tokens
from core.tokenizers.store import Progress


@command()
async def tokens(context: CommandContext, text: app_commands.Range[str, 1, 4000]) -> None:
    """Count the tokens in a text, the way this channel does.

    Parameters
    ----------
    text: str
        What to count
    """
    answer = ProgressAnswer(context)
    servers = context.engine.models.pool
    active_model = await context.engine.models.active(context.place)
    counted = await count_tokens(servers, active_model, text, answer.watch)
    lines = count_lines(counted, downloads=servers.tokenizers.downloads.allowed)
    await answer.say("\n".join(lines))


class ProgressAnswer:
    """Shows a tokenizer's download in the answer to a command.

    `watch` is given to what may have to fetch, `say` gives the answer.
    """

    def __init__(self, context: CommandContext) -> None:
        self._context = context
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
            await self._context.say(text)
            return
        self._newest = None
        await asyncio.wait([self._showing])
        await self._context.interaction.edit_original_response(content=text)

    async def _show(self) -> None:
        while self._newest is not None:
            progress, self._newest = self._newest, None
            wait = Wait(WaitReason.TOKENIZER, tokenizer=progress.name, percent=progress.percent)
            with suppress(discord.HTTPException):
                await self._context.interaction.edit_original_response(content=waiting_line(wait))
