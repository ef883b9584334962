"""`/connect show`"""

from discord import app_commands

from bot.cogs._context import Interaction, here
from bot.i18n import _
from bot.views.connection import telling


@app_commands.command()
async def show(interaction: Interaction) -> None:
    """Show which model answers here and what is known about it."""
    place = await here(interaction)
    connection = await place.engine.connection(place.place)
    if connection is None:
        await place.say(_("There is no model yet: `/connect use` chooses one."))
        return
    active_model = await place.engine.active_model(place.place)
    text, view = await telling(place, connection, active_model, [f"**{connection.name}**"])
    await place.say(text, **({"view": view} if view else {}))
