"""`/lorebook new`"""

from discord import app_commands

from bot.cogs.lorebook._use import put_to_use
from bot.command_context import Interaction, command_context
from bot.i18n import _


@app_commands.command()
async def new(interaction: Interaction, name: app_commands.Range[str, 1, 80]) -> None:
    """Create an empty lorebook and use it in this channel.

    Parameters
    ----------
    name: str
        Its name
    """
    context = await command_context(interaction)
    stored = await context.services.lorebooks.new(context.actor, context.place, name)
    news = _("Created **{name}**. Add entries with `/lorebook edit`.", name=stored.book.name)
    await context.say(f"{news} {await put_to_use(context, stored.book.name)}")
