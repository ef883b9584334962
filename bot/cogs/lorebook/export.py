import io

import discord
from discord import app_commands

from bot.cogs._autocomplete import lorebooks
from bot.cogs._command import command
from bot.command_context import CommandContext


@command()
@app_commands.autocomplete(book=lorebooks)
async def export(context: CommandContext, book: str) -> None:
    """Download a lorebook as a World Info file.

    Parameters
    ----------
    book: str
        Which lorebook
    """
    file_name, data = await context.services.lorebooks.export(context.place, book)
    await context.say(files=[discord.File(io.BytesIO(data), file_name)])
