"""`/chat continue`"""

from discord import app_commands

from bot.command_context import Interaction, command_context


@app_commands.command()
async def continue_(interaction: Interaction) -> None:
    """Continue the last reply."""
    context = await command_context(interaction)
    await context.channel.perform(context.actor, lambda: context.engine.continue_(context.place))
    await context.done()
