"""`/chat clear`"""

from discord import app_commands

from bot.command_context import Interaction, command_context
from bot.i18n import _


@app_commands.command()
async def clear(interaction: Interaction) -> None:
    """Clear the story in this channel and start a new one."""
    context = await command_context(interaction)
    await context.engine.clear(context.place, context.actor)
    await context.say(_("Started a new story. Everything said before is forgotten."))
