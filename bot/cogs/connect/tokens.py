"""`/connect tokens`"""

from discord import app_commands

from bot.command_context import Interaction, command_context
from bot.views.progress import Fetching
from bot.views.tokens import tally_lines
from core.engine.token_count import count_tokens


@app_commands.command()
async def tokens(interaction: Interaction, text: app_commands.Range[str, 1, 4000]) -> None:
    """Count the tokens of a text, as prompts here are counted.

    Parameters
    ----------
    text: str
        What to count
    """
    context = await command_context(interaction)
    fetching = Fetching(context)
    servers = context.engine.backend_pool
    active_model = await context.engine.active_model(context.place)
    counted = await count_tokens(servers, active_model, text, fetching.watch)
    lines = tally_lines(counted, downloads=servers.shelf.downloads.allowed)
    await fetching.say("\n".join(lines))
