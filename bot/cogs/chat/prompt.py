"""`/chat prompt`: what the next reply would send."""

from discord import app_commands

from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.views.prompt_report import prompt_report


@command()
async def prompt(
    context: CommandContext, text: app_commands.Range[str, 1, 2000] | None = None
) -> None:
    """See exactly what gets sent to the model for the next reply.

    Parameters
    ----------
    text: str
        Pretend you just said this
    """
    reply_input, built = await context.engine.inspect(
        context.place, context.actor, typed=(text or "").strip()
    )
    await context.say(**await prompt_report(reply_input, built))
