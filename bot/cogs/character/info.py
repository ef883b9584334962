"""`/character info`"""

from discord import app_commands

from bot.cogs._autocomplete import characters
from bot.command_context import Interaction, command_context
from bot.views.cards import character_embed


@app_commands.command()
@app_commands.autocomplete(character=characters)
async def info(interaction: Interaction, character: str) -> None:
    """Show a character's card.

    Parameters
    ----------
    character: str
        Which character
    """
    context = await command_context(interaction)
    found = await context.services.characters.find(context.place, character)
    embed, files = await character_embed(context.services, found)
    await context.say(embed=embed, files=files)
