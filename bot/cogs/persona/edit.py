"""`/persona edit`"""

from discord import app_commands

from bot.cogs._autocomplete import personas
from bot.cogs.persona.new import fields
from bot.command_context import CommandContext, Interaction, context_of
from bot.i18n import _
from bot.views.forms import Form


@app_commands.command()
@app_commands.autocomplete(persona=personas)
async def edit(interaction: Interaction, persona: str) -> None:
    """Edit one of your personas.

    Parameters
    ----------
    persona: str
        Which persona
    """
    context = context_of(interaction)
    found = await context.services.personas.find(context.actor, persona)

    async def change(context: CommandContext, values: dict[str, str]) -> None:
        changed = await context.services.personas.edit(context.actor, found.id, values)
        await context.say(_("Saved your changes to **{name}**.", name=changed.persona.display_name))

    filled = [field.filled(str(getattr(found.persona, field.key))) for field in fields()]
    title = _("Edit {name}", name=found.persona.display_name)
    await interaction.response.send_modal(Form(title, filled, change).on(context))
