"""How prompts are laid out and counted: the page `/connect format`, and a command for each value.

`/connect context`, `tokenizer`, `padding`, `multigen`, `reply-start` and `prefer-char-prompt` are
here; templates are chosen by `/format template`, stop strings by `/connect stop`.
"""

import asyncio
from contextlib import suppress

import discord
from discord import app_commands

from bot.channel.small_print import waiting_line
from bot.cogs._autocomplete import tokenizers
from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.views.format_page import set_multigen, set_reply_start, set_sizes, set_switch
from bot.views.settings_pages import format_page
from bot.views.tokens import choose_tokenizer, count_lines, set_padding
from core.backends.types import Wait, WaitReason
from core.options.table import PREFER_CHARACTER_PROMPT
from core.tokenizers.store import Progress


@command()
async def format(context: CommandContext) -> None:
    """See and change how prompts are built in this channel, all on one page."""
    page = await format_page(context)
    await context.interaction.edit_original_response(view=page.layout())


@command()
async def context_(
    context: CommandContext,
    size: app_commands.Range[int, 0, 2_097_152] | None = None,
    reply: app_commands.Range[int, 1, 65_536] | None = None,
) -> None:
    """Set how many tokens a prompt and a reply can have, or show it.

    Parameters
    ----------
    size: int
        Prompt and reply together; 0 = automatic
    reply: int
        The longest reply
    """
    await context.say(await set_sizes(context, size, reply))


@command()
@app_commands.rename(name="set")
@app_commands.autocomplete(name=tokenizers)
async def tokenizer(context: CommandContext, name: app_commands.Range[str, 1, 80]) -> None:
    """Choose the tokenizer that counts tokens (text completion).

    Parameters
    ----------
    name: str
        A tokenizer; best-match = automatic
    """
    await context.say(await choose_tokenizer(context, name))


@command()
async def padding(
    context: CommandContext, tokens: app_commands.Range[int, -32_768, 32_768]
) -> None:
    """Keep some context free when token counts are estimates (text completion).

    Parameters
    ----------
    tokens: int
        How many tokens; a negative number lets prompts go over the context size
    """
    await context.say(await set_padding(context, tokens))


@command()
@app_commands.rename(following="next")
async def multigen(
    context: CommandContext,
    on: bool | None = None,
    first: app_commands.Range[int, 1, 4096] | None = None,
    following: app_commands.Range[int, 1, 4096] | None = None,
) -> None:
    """Get long replies in short batches, for servers that can't stream.

    Parameters
    ----------
    on: bool
        Whether to use batches instead of a stream
    first: int
        Tokens in the first batch
    following: int
        Tokens in each later batch
    """
    await context.say(await set_multigen(context, on, first, following))


@command()
async def reply_start(
    context: CommandContext, text: app_commands.Range[str, 1, 2000] | None = None
) -> None:
    """Set the words every reply starts with, or show them.

    Parameters
    ----------
    text: str
        The words; macros work; “-” = none
    """
    await context.say(await set_reply_start(context, text))


@command()
async def prefer_char_prompt(context: CommandContext, on: bool) -> None:
    """Choose between a card's own main prompt and this channel's system prompt.

    Parameters
    ----------
    on: bool
        Whether to use the card's own main prompt if it has one
    """
    await context.say(await set_switch(context, PREFER_CHARACTER_PROMPT, on))


@command()
async def tokens(context: CommandContext, text: app_commands.Range[str, 1, 4000]) -> None:
    """Count the tokens in a text, the way this channel does.

    Parameters
    ----------
    text: str
        What to count
    """
    answer = ProgressAnswer(context)
    models = context.engine.models
    active_model = await models.active(context.place)
    counted = await models.count_tokens(active_model, text, answer.watch)
    lines = count_lines(counted, downloads=models.pool.tokenizers.downloads.allowed)
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
