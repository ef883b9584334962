"""`/connect show`"""

from discord import app_commands

from bot.cogs._here import Interaction, here
from bot.i18n import _
from bot.views.connection import connection_text, needs_text, telling


@app_commands.command()
async def show(interaction: Interaction) -> None:
    """Show which model answers here and what is known about it."""
    place = await here(interaction)
    connection = await place.engine.connection(place.place)
    if connection is None:
        await place.say(_("There is no model yet: `/connect use` chooses one."))
        return
    facts = await place.engine.facts(place.place)
    lines = [f"**{connection.name}**", *connection_text(place.engine, connection, facts)]
    await telling(place, lines, needs_text(place.engine, connection, facts))
