"""`/character delete`"""

from discord import app_commands

from bot.cogs._autocomplete import characters
from bot.cogs._context import Interaction, here
from bot.i18n import _
from bot.views.confirm import confirmed


@app_commands.command()
@app_commands.autocomplete(character=characters)
async def delete(interaction: Interaction, character: str) -> None:
    """Delete a character.

    Parameters
    ----------
    character: str
        Whose card goes
    """
    place = await here(interaction)
    found = await place.services.characters.find(place.place, character)
    name = found.character.display_name
    question = _(
        "Delete **{name}**? The card is gone for good; stories keep what was said.", name=name
    )
    if await confirmed(place, question, _("Delete")):
        await place.services.characters.delete(place.actor, place.place, found.id)
        await place.say(_("**{name}** is deleted.", name=name))
