from discord import app_commands

from bot.cogs._autocomplete import characters
from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.i18n import _
from core.chat.place import Scope


@command()
@app_commands.autocomplete(character=characters)
async def off(
    context: CommandContext, character: app_commands.Range[str, 1, 100] | None = None
) -> None:
    """Stop using this channel's own model.

    Parameters
    ----------
    character: str
        Stop using this character's own model instead
    """
    connections = context.services.connections
    if character:
        found = await context.services.characters.find(context.place, character)
        await connections.off(context.actor, context.place, Scope.CHARACTER, found.id)
        name = found.character.display_name
        await context.say(_("**{name}** now uses the channel's model.", name=name))
        return
    had_one = await connections.off(context.actor, context.place)
    in_use = await context.engine.models.connection(context.place)
    if in_use is None:
        await context.say(_("There's no model here now. Choose one with `/connect use`."))
    elif had_one:
        await context.say(_("**{name}** now answers here.", name=in_use.name))
    else:
        text = _("This channel didn't have its own model, so **{name}** keeps answering.")
        await context.say(text.format(name=in_use.name))
