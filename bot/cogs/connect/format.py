"""`/connect format`"""

from discord import app_commands

from bot.command_context import Interaction, command_context
from bot.views.format_page import page_of


@app_commands.command()
async def format(interaction: Interaction) -> None:
    """See and change how prompts are laid out and counted here, all on one page."""
    context = await command_context(interaction)
    page = await page_of(context)
    await context.say(embed=page.embed, view=page)
