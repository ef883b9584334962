"""`/connect prefer-char-prompt`"""

from discord import app_commands

from bot.cogs._format import prefer_card
from bot.command_context import Interaction, command_context


@app_commands.command()
async def prefer_char_prompt(interaction: Interaction, on: bool) -> None:
    """Choose between a card's own main prompt and the system prompt set here.

    Parameters
    ----------
    on: bool
        Whether a card's own main prompt comes first, where it has one
    """
    context = await command_context(interaction)
    await context.say(await prefer_card(context, on))
