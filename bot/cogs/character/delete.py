from discord import app_commands

from bot.cogs._autocomplete import characters
from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.i18n import _
from bot.views.confirm import confirmed


@command()
@app_commands.autocomplete(character=characters)
async def delete(context: CommandContext, character: str) -> None:
    """Delete a character.

    Parameters
    ----------
    character: str
        Which character to delete
    """
    found = await context.services.characters.find(context.place, character)
    name = found.character.display_name
    question = _(
        "Delete **{name}**? You can't undo this. What they said stays in the stories.", name=name
    )
    if await confirmed(context, question, _("Delete")):
        await context.services.characters.delete(context.actor, context.place, found.id)
        await context.say(_("**{name}** has been deleted.", name=name))
