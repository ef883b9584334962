"""`/chat clear`"""

from discord import app_commands

from bot.command_context import Interaction, command_context
from bot.i18n import _


@app_commands.command()
async def clear(interaction: Interaction) -> None:
    """Forget the story here and begin a new one."""
    context = await command_context(interaction)
    await context.engine.clear(context.place, context.actor)
    await context.say(_("A new story begins here; what was said before is forgotten."))
