"""`/chat regenerate`"""

from discord import app_commands

from bot.cogs._context import Interaction, here


@app_commands.command()
async def regenerate(interaction: Interaction) -> None:
    """Tell the last reply anew; the old one stays as a swipe."""
    place = await here(interaction)
    await place.floor.perform(place.actor, lambda: place.engine.regenerate(place.place))
    await place.done()
