"""Words and characters that end a reply."""

from discord import app_commands

from bot.command_context import Interaction, command_context
from bot.views.stops import set_stops, stop_lines


@app_commands.command(name="set")
async def set_(interaction: Interaction, strings: app_commands.Range[str, 1, 4000]) -> None:
    """Set extra stop strings, as a JSON list.

    Parameters
    ----------
    strings: str
        For example ["\\n\\n", "###"]; [] = none
    """
    context = await command_context(interaction)
    await context.say(await set_stops(context, strings))


@app_commands.command()
async def show(interaction: Interaction) -> None:
    """Show all stop strings and whether the server or the bot handles them."""
    context = await command_context(interaction)
    await context.say("\n".join(await stop_lines(context)))
