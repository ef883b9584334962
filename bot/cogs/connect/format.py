"""`/connect format`"""

from discord import app_commands

from bot.cogs._context import Interaction, here
from bot.views.format_page import page_of


@app_commands.command()
async def format(interaction: Interaction) -> None:
    """See and change how prompts are laid out and counted here, all on one page."""
    place = await here(interaction)
    page = await page_of(place)
    await place.say(embed=page.embed, view=page)
