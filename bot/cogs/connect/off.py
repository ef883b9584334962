"""`/connect off`"""

from discord import app_commands

from bot.cogs._here import Interaction, here
from bot.complete import characters
from bot.i18n import _
from core.chat.place import Scope


@app_commands.command()
@app_commands.autocomplete(character=characters)
async def off(
    interaction: Interaction, character: app_commands.Range[str, 1, 100] | None = None
) -> None:
    """Use no model of this channel's own any more.

    Parameters
    ----------
    character: str
        Take back this character's own model instead
    """
    place = await here(interaction)
    connections = place.services.connections
    if character:
        found = await place.services.characters.find(place.place, character)
        await connections.off(place.actor, place.place, Scope.CHARACTER, found.id)
        name = found.character.name
        await place.say(_("**{name}** answers with the channel's model now.", name=name))
        return
    await connections.off(place.actor, place.place)
    in_use = await place.engine.connection(place.place)
    if in_use is None:
        await place.say(_("No model answers here now. `/connect use` chooses one."))
    else:
        await place.say(_("**{name}** answers here now.", name=in_use.name))
