"""`/connect padding`"""

from discord import app_commands

from bot.cogs._format import keep_free
from bot.command_context import Interaction, command_context


@app_commands.command()
async def padding(
    interaction: Interaction, tokens: app_commands.Range[int, -32_768, 32_768]
) -> None:
    """Keep a part of the context free, where tokens are estimated (text completion).

    Parameters
    ----------
    tokens: int
        How many; a negative number allows more than the set context
    """
    context = await command_context(interaction)
    await context.say(await keep_free(context, tokens))
