"""`/lorebook new`"""

from discord import app_commands

from bot.cogs._here import Interaction, here
from bot.i18n import _
from core.chat.place import Scope


@app_commands.command()
async def new(interaction: Interaction, name: app_commands.Range[str, 1, 80]) -> None:
    """Begin an empty lorebook and use it in this channel.

    Parameters
    ----------
    name: str
        Its name
    """
    place = await here(interaction)
    stored = await place.services.lorebooks.new(place.actor, place.place, name)
    await place.services.lorebooks.bind(place.actor, place.place, stored.book.name, Scope.CHANNEL)
    await place.say(
        _(
            "**{name}** is in use in this channel. `/lorebook edit` adds entries.",
            name=stored.book.name,
        )
    )
