"""Words and characters that end a reply."""

from discord import app_commands

from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.views.templates import set_stops, stop_lines


@command()
async def set_(context: CommandContext, strings: app_commands.Range[str, 1, 4000]) -> None:
    """Set extra stop strings, as a JSON list.

    Parameters
    ----------
    strings: str
        For example ["\\n\\n", "###"]; [] = none
    """
    await context.say(await set_stops(context, strings))


@command()
async def show(context: CommandContext) -> None:
    """Show all stop strings and whether the server or the bot handles them."""
    await context.say("\n".join(await stop_lines(context)))
