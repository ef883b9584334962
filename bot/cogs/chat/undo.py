"""`/chat undo`"""

from discord import app_commands

from bot.cogs._context import Interaction, here
from bot.i18n import _


@app_commands.command()
async def undo(interaction: Interaction) -> None:
    """Take back the last message and what characters answered."""
    place = await here(interaction)
    discord_ids = await place.engine.undo(place.place, place.actor)
    if not discord_ids:
        await place.say(_("There is nothing to take back."))
        return
    # A person's own message stays where the bot may not delete it; it is out of the story.
    await place.floor.output.sweep(discord_ids)
    await place.say(_("The last exchange is taken back."))
