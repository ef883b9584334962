"""`/connect show`"""

from discord import app_commands

from bot.command_context import Interaction, command_context
from bot.i18n import _
from bot.views.connection import telling


@app_commands.command()
async def show(interaction: Interaction) -> None:
    """Show this channel's model and its settings."""
    context = await command_context(interaction)
    connection = await context.engine.connection(context.place)
    if connection is None:
        await context.say(_("There's no model yet. Choose one with `/connect use`."))
        return
    active_model = await context.engine.active_model(context.place)
    text, view = await telling(context, connection, active_model, [f"**{connection.name}**"])
    await context.say(text, **({"view": view} if view else {}))
