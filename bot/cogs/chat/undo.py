"""`/chat undo`"""

from discord import app_commands

from bot.command_context import Interaction, command_context
from bot.i18n import _


@app_commands.command()
async def undo(interaction: Interaction) -> None:
    """Undo the last message and the replies to it."""
    context = await command_context(interaction)
    discord_ids = await context.engine.undo(context.place, context.actor)
    if not discord_ids:
        await context.say(_("There's nothing to undo."))
        return
    # A person's own message stays where the bot may not delete it; it is out of the story.
    await context.channel.output.sweep(discord_ids)
    await context.say(_("Undid the last message and the replies to it."))
