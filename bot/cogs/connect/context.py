"""`/connect context`"""

from discord import app_commands

from bot.cogs._format import resize
from bot.command_context import Interaction, command_context


@app_commands.command()
async def context(
    interaction: Interaction,
    size: app_commands.Range[int, 0, 2_097_152] | None = None,
    reply: app_commands.Range[int, 1, 65_536] | None = None,
) -> None:
    """Set how many tokens prompt and reply may have, or show it.

    Parameters
    ----------
    size: int
        Prompt and reply together; 0 = as the model and server say
    reply: int
        The longest reply
    """
    context = await command_context(interaction)
    await context.say(await resize(context, size, reply))
