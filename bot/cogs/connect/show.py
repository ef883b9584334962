from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.i18n import _
from bot.views.connection import telling


@command()
async def show(context: CommandContext) -> None:
    """Show this channel's model and its settings."""
    connection = await context.engine.models.connection(context.place)
    if connection is None:
        await context.say(_("There's no model yet. Choose one with `/connect use`."))
        return
    active_model = await context.engine.models.active(context.place)
    text, view = await telling(context, connection, active_model, [f"**{connection.name}**"])
    await context.say(text, view=view)
