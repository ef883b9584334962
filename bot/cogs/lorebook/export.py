"""`/lorebook export`"""

import io

import discord
from discord import app_commands

from bot.cogs._autocomplete import lorebooks
from bot.command_context import Interaction, command_context


@app_commands.command()
@app_commands.autocomplete(book=lorebooks)
async def export(interaction: Interaction, book: str) -> None:
    """Download a lorebook as a World Info file.

    Parameters
    ----------
    book: str
        Which lorebook
    """
    context = await command_context(interaction)
    file_name, data = await context.services.lorebooks.export(context.place, book)
    await context.say(files=[discord.File(io.BytesIO(data), file_name)])
