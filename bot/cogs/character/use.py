"""`/character use`"""

from discord import app_commands

from bot.cogs._autocomplete import characters
from bot.cogs._start_chat import open_chat
from bot.command_context import Interaction, command_context


@app_commands.command()
@app_commands.autocomplete(character=characters)
async def use(interaction: Interaction, character: str) -> None:
    """Switch to another character in this channel.

    Parameters
    ----------
    character: str
        Which character
    """
    context = await command_context(interaction)
    found = await context.services.characters.find(context.place, character)
    await context.say(await open_chat(context, [found.id], None))
