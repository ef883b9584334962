"""`/chat mode`"""

from typing import Literal

from discord import app_commands

from bot.cogs._context import Interaction, here
from bot.cogs._start_chat import begin_reading
from bot.i18n import _


@app_commands.command()
async def mode(interaction: Interaction, answer: Literal["every", "mention"]) -> None:
    """When characters answer here.

    Parameters
    ----------
    answer: Literal
        Every message, or only when mentioned or replied to
    """
    place = await here(interaction)
    await begin_reading(place)
    await place.services.options.switch_chat(place.actor, place.place, answer)
    if not await place.engine.cast(place.place):
        await place.say(_("No character is here yet. `/chat start` lets one talk."))
    elif answer == "every":
        await place.say(_("Characters now answer every message here."))
    else:
        await place.say(_("Characters now answer here when mentioned or replied to."))
