from bot.cogs._command import command
from bot.command_context import CommandContext


@command()
async def regenerate(context: CommandContext) -> None:
    """Get another version of the last reply. The old one is kept."""
    await context.channel.perform(context.actor, context.engine.regenerate)
    await context.done()
