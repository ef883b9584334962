"""`/connect off`"""

from discord import app_commands

from bot.cogs._autocomplete import characters
from bot.command_context import Interaction, command_context
from bot.i18n import _
from core.chat.place import Scope


@app_commands.command()
@app_commands.autocomplete(character=characters)
async def off(
    interaction: Interaction, character: app_commands.Range[str, 1, 100] | None = None
) -> None:
    """Stop using the model chosen for this channel.

    Parameters
    ----------
    character: str
        Stop using the model chosen for this character instead
    """
    context = await command_context(interaction)
    connections = context.services.connections
    if character:
        found = await context.services.characters.find(context.place, character)
        await connections.off(context.actor, context.place, Scope.CHARACTER, found.id)
        name = found.character.display_name
        await context.say(_("**{name}** answers with the channel's model now.", name=name))
        return
    had_one = await connections.off(context.actor, context.place)
    in_use = await context.engine.connection(context.place)
    if in_use is None:
        await context.say(_("No model answers here now. `/connect use` chooses one."))
    elif had_one:
        await context.say(_("**{name}** answers here now.", name=in_use.name))
    else:
        text = _("No model was chosen for this channel; **{name}** goes on answering.")
        await context.say(text.format(name=in_use.name))
