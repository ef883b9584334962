"""`/connect reply-start`"""

from discord import app_commands

from bot.cogs._format import begin_with
from bot.command_context import Interaction, command_context


@app_commands.command()
async def reply_start(
    interaction: Interaction, text: app_commands.Range[str, 1, 2000] | None = None
) -> None:
    """Set the words that every reply begins with, or show them.

    Parameters
    ----------
    text: str
        The words; macros work; “-” = none
    """
    context = await command_context(interaction)
    await context.say(await begin_with(context, text))
