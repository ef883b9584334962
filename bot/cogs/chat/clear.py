from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.i18n import _


@command()
async def clear(context: CommandContext) -> None:
    """Clear the story in this channel and start a new one."""
    await context.engine.clear(context.place, context.actor)
    await context.say(_("Started a new story. Everything said before is forgotten."))
