"""`/connect test`"""

from discord import app_commands

from bot.cogs._context import Interaction, here
from bot.i18n import _
from bot.views.checkup import Surgery, checkup_text
from core.policy.permissions import Action, demand


@app_commands.command()
async def test(
    interaction: Interaction, say: app_commands.Range[str, 1, 200] | None = None
) -> None:
    """Look at the model that answers here: what is wrong, or a few words, timed.

    Parameters
    ----------
    say: str
        What to ask
    """
    place = await here(interaction)
    demand(place.actor, Action.MANAGE_CONNECTIONS, place.place)
    asked = say or _("Say hello in one short sentence.")
    checkup = await place.engine.check_up(place.place, place.actor, asked)
    await place.say(checkup_text(checkup), view=Surgery(place, checkup, asked))
