"""`/chat stop`"""

from discord import app_commands

from bot.cogs._context import Interaction, here
from bot.i18n import _


@app_commands.command()
async def stop(interaction: Interaction) -> None:
    """Stop characters from answering here."""
    place = await here(interaction)
    was_on = await place.engine.active(place.place)
    await place.engine.stop_chat(place.place, place.actor)
    await place.floor.hush()
    if was_on:
        await place.say(_("The chat is off. The story is kept; `/chat start` goes on."))
    else:
        await place.say(_("The chat is off already; `/chat start` switches it on."))
