"""`/persona delete`"""

from discord import app_commands

from bot.cogs._autocomplete import personas
from bot.cogs._context import Interaction, here
from bot.i18n import _
from bot.views.confirm import confirmed


@app_commands.command()
@app_commands.autocomplete(persona=personas)
async def delete(interaction: Interaction, persona: str) -> None:
    """Delete one of your personas.

    Parameters
    ----------
    persona: str
        Which one goes
    """
    place = await here(interaction)
    found = await place.services.personas.find(place.actor, persona)
    name = found.persona.display_name
    question = _("Delete **{name}**? Messages told under the name stay.", name=name)
    if await confirmed(place, question, _("Delete")):
        await place.services.personas.delete(place.actor, found.id)
        await place.say(_("**{name}** is deleted.", name=name))
