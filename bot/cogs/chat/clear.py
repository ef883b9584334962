"""`/chat clear`"""

from discord import app_commands

from bot.cogs._context import Interaction, here
from bot.i18n import _


@app_commands.command()
async def clear(interaction: Interaction) -> None:
    """Forget the story here and begin a new one."""
    place = await here(interaction)
    await place.engine.clear(place.place, place.actor)
    await place.say(_("A new story begins here; what was said before is forgotten."))
