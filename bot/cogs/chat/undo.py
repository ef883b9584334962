"""`/chat undo`"""

from discord import app_commands

from bot.command_context import Interaction, command_context
from bot.i18n import _


@app_commands.command()
async def undo(interaction: Interaction) -> None:
    """Take back the last message and what characters answered."""
    context = await command_context(interaction)
    discord_ids = await context.engine.undo(context.place, context.actor)
    if not discord_ids:
        await context.say(_("There is nothing to take back."))
        return
    # A person's own message stays where the bot may not delete it; it is out of the story.
    await context.channel.output.sweep(discord_ids)
    await context.say(_("The last exchange is taken back."))
