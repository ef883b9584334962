"""`/connect off`"""

from discord import app_commands

from bot.cogs._here import Interaction, here
from bot.i18n import _


@app_commands.command()
async def off(interaction: Interaction) -> None:
    """Use no model of this channel's own any more."""
    place = await here(interaction)
    await place.services.connections.off(place.actor, place.place)
    found = await place.engine.connection(place.place)
    if found is None:
        await place.say(_("No model answers here now. `/connect use` chooses one."))
    else:
        await place.say(_("**{name}** answers here now.", name=found.name))
