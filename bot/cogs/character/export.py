"""`/character export`"""

import io
from typing import Literal

import discord
from discord import app_commands

from bot.cogs._autocomplete import characters
from bot.command_context import Interaction, command_context


@app_commands.command()
@app_commands.autocomplete(character=characters)
async def export(
    interaction: Interaction, character: str, format: Literal["png", "json"] = "png"
) -> None:
    """Download a character's card.

    Parameters
    ----------
    character: str
        Which character
    format: Literal
        PNG with picture, or JSON
    """
    context = await command_context(interaction)
    found = await context.services.characters.find(context.place, character)
    file_name, data = await context.services.characters.export(context.place, found.id, format)
    await context.say(files=[discord.File(io.BytesIO(data), file_name)])
