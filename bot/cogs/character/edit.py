from discord import app_commands

from bot.cogs._autocomplete import characters
from bot.cogs._command import command
from bot.cogs.character.new import FIELDS
from bot.command_context import CommandContext
from bot.i18n import _
from bot.views.forms import Form
from core.chat.place import STOCK
from core.policy.permissions import Action, demand


@command(defers=False)
@app_commands.autocomplete(character=characters)
async def edit(context: CommandContext, character: str) -> None:
    """Edit a character's card.

    Parameters
    ----------
    character: str
        Which character
    """
    found = await context.services.characters.find(context.place, character)
    if found.owner != STOCK and found.created_by != context.actor.id:
        demand(context.actor, Action.CHANGE_CHARACTERS, context.place)
    card = found.character
    fields = [field.filled(str(getattr(card, field.key))) for field in FIELDS()]

    async def change(context: CommandContext, values: dict[str, str]) -> None:
        changed = await context.services.characters.edit(
            context.actor, context.place, found.id, values
        )
        await context.say(
            _("Saved your changes to **{name}**.", name=changed.character.display_name)
        )

    title = _("Edit {name}", name=card.display_name)
    await Form(title, fields, change).open(context.interaction)
