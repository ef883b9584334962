"""`/character info`"""

from discord import app_commands

from bot.cogs._autocomplete import characters
from bot.cogs._context import Interaction, here
from bot.views.cards import character_embed


@app_commands.command()
@app_commands.autocomplete(character=characters)
async def info(interaction: Interaction, character: str) -> None:
    """Show a character's card.

    Parameters
    ----------
    character: str
        Whose card
    """
    place = await here(interaction)
    found = await place.services.characters.find(place.place, character)
    embed, files = await character_embed(place.services, found)
    await place.say(embed=embed, files=files)
