"""`/chat start`: characters begin to answer in this channel."""

from typing import Literal

from discord import app_commands

from bot.cogs._autocomplete import characters
from bot.cogs._command import command
from bot.cogs._start_chat import open_chat
from bot.command_context import CommandContext
from bot.i18n import _


@command()
@app_commands.autocomplete(character=characters)
async def start(
    context: CommandContext,
    character: str | None = None,
    mode: Literal["every", "mention"] | None = None,
) -> None:
    """Start chatting with a character in this channel.

    Parameters
    ----------
    character: str
        Which character; leave empty for the last one
    mode: Literal
        Answer every message, or only when mentioned or replied to
    """
    found = await context.services.characters.find(context.place, character) if character else None
    note = await open_chat(context, [found.id] if found else None, mode)
    await context.say(note or _("The chat is on."))
