"""`/connect multigen`"""

from discord import app_commands

from bot.cogs._format import chain
from bot.command_context import Interaction, command_context


@app_commands.command()
@app_commands.rename(following="next")
async def multigen(
    interaction: Interaction,
    on: bool | None = None,
    first: app_commands.Range[int, 1, 4096] | None = None,
    following: app_commands.Range[int, 1, 4096] | None = None,
) -> None:
    """Ask for long replies in short batches, for servers that cannot stream.

    Parameters
    ----------
    on: bool
        Whether batches are used instead of a stream
    first: int
        Tokens of the first batch
    following: int
        Tokens of each further batch
    """
    context = await command_context(interaction)
    await context.say(await chain(context, on, first, following))
