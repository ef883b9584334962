"""`/chat regenerate`"""

from discord import app_commands

from bot.command_context import Interaction, command_context


@app_commands.command()
async def regenerate(interaction: Interaction) -> None:
    """Get another version of the last reply. The old one is kept."""
    context = await command_context(interaction)
    await context.channel.perform(context.actor, lambda: context.engine.regenerate(context.place))
    await context.done()
