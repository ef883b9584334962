from discord import app_commands

from bot.cogs._autocomplete import characters
from bot.cogs._command import command
from bot.cogs._start_chat import open_chat
from bot.command_context import CommandContext


@command()
@app_commands.autocomplete(character=characters)
async def use(context: CommandContext, character: str) -> None:
    """Switch to another character in this channel.

    Parameters
    ----------
    character: str
        Which character
    """
    found = await context.services.characters.find(context.place, character)
    await context.say(await open_chat(context, [found.id], None))
