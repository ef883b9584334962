"""`/chat continue`"""

from discord import app_commands

from bot.cogs._context import Interaction, here


@app_commands.command()
async def continue_(interaction: Interaction) -> None:
    """Let the last reply go on."""
    place = await here(interaction)
    await place.floor.perform(place.actor, lambda: place.engine.continue_(place.place))
    await place.done()
