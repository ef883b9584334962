from discord import app_commands

from bot.cogs._autocomplete import personas
from bot.cogs._command import command
from bot.cogs.persona.new import fields
from bot.command_context import CommandContext
from bot.i18n import _
from bot.views.forms import Form


@command(defers=False)
@app_commands.autocomplete(persona=personas)
async def edit(context: CommandContext, persona: str) -> None:
    """Edit one of your personas.

    Parameters
    ----------
    persona: str
        Which persona
    """
    found = await context.services.personas.find(context.actor, persona)

    async def change(context: CommandContext, values: dict[str, str]) -> None:
        changed = await context.services.personas.edit(context.actor, found.id, values)
        await context.say(_("Saved your changes to **{name}**.", name=changed.persona.display_name))

    filled = [field.filled(str(getattr(found.persona, field.key))) for field in fields()]
    title = _("Edit {name}", name=found.persona.display_name)
    await Form(title, filled, change).open(context.interaction)
