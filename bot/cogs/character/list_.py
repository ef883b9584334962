"""`/character list`"""

from discord import app_commands

from bot.cogs._here import Interaction, here
from bot.i18n import _
from bot.views.pages import pages


@app_commands.command()
async def list_(interaction: Interaction) -> None:
    """Show all characters of this server."""
    place = await here(interaction)
    found = await place.services.characters.list(place.place)
    if not found:
        await place.say(
            _("There is nobody yet. `/character import` adds a card, `/character new` writes one.")
        )
        return
    lines = [
        f"- **{entry.name}**" + (f" — {entry.summary}" if entry.summary else "") for entry in found
    ]
    await pages(place, _("Characters"), lines)
