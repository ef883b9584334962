from bot.cogs._command import command
from bot.command_context import CommandContext


@command()
async def continue_(context: CommandContext) -> None:
    """Continue the last reply."""
    await context.channel.perform(context.actor, context.engine.continue_)
    await context.done()
