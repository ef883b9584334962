import io
from typing import Literal

import discord
from discord import app_commands

from bot.cogs._autocomplete import characters
from bot.cogs._command import command
from bot.command_context import CommandContext


@command()
@app_commands.autocomplete(character=characters)
async def export(
    context: CommandContext, character: str, format: Literal["png", "json"] = "png"
) -> None:
    """Download a character's card.

    Parameters
    ----------
    character: str
        Which character
    format: Literal
        PNG with picture, or JSON
    """
    found = await context.services.characters.find(context.place, character)
    file_name, data = await context.services.characters.export(context.place, found.id, format)
    await context.say(files=[discord.File(io.BytesIO(data), file_name)])
