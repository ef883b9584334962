"""`/character use`"""

from discord import app_commands

from bot.cogs._autocomplete import characters
from bot.cogs._context import Interaction, here
from bot.cogs._start_chat import open_chat


@app_commands.command()
@app_commands.autocomplete(character=characters)
async def use(interaction: Interaction, character: str) -> None:
    """Let this character talk here instead of the present one.

    Parameters
    ----------
    character: str
        Who talks here
    """
    place = await here(interaction)
    found = await place.services.characters.find(place.place, character)
    await place.say(await open_chat(place, [found.id], None))
