"""`/chat say`: talk without the bot having to read messages."""

from discord import app_commands

from bot.cogs._context import Interaction, here
from bot.i18n import _


@app_commands.command()
async def say(interaction: Interaction, text: app_commands.Range[str, 1, 2000]) -> None:
    """Say something to the characters here.

    Parameters
    ----------
    text: str
        What you say
    """
    place = await here(interaction)
    if not text.strip():
        await place.say(_("There is nothing in that message. Write what you say."))
        return
    line = await place.engine.say(place.place, place.actor, text)
    await place.floor.show_message(line)
    place.floor.ask(place.actor, 0.0)
    await place.done()
