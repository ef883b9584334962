from discord import app_commands

from bot.cogs._command import command
from bot.cogs.lorebook._use import put_to_use
from bot.command_context import CommandContext
from bot.i18n import _


@command()
async def new(context: CommandContext, name: app_commands.Range[str, 1, 80]) -> None:
    """Create an empty lorebook and use it in this channel.

    Parameters
    ----------
    name: str
        Its name
    """
    stored = await context.services.lorebooks.new(context.actor, context.place, name)
    news = _("Created **{name}**. Add entries with `/lorebook edit`.", name=stored.book.name)
    await context.say(f"{news} {await put_to_use(context, stored.book.name)}")
