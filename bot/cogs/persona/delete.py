from discord import app_commands

from bot.cogs._autocomplete import personas
from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.i18n import _
from bot.views.confirm import confirmed


@command()
@app_commands.autocomplete(persona=personas)
async def delete(context: CommandContext, persona: str) -> None:
    """Delete one of your personas.

    Parameters
    ----------
    persona: str
        Which persona
    """
    found = await context.services.personas.find(context.actor, persona)
    name = found.persona.display_name
    question = _(
        "Delete **{name}**? You can't undo this. Messages you sent under this name stay.", name=name
    )
    if await confirmed(context, question, _("Delete")):
        await context.services.personas.delete(context.actor, found.id)
        await context.say(_("**{name}** has been deleted.", name=name))
