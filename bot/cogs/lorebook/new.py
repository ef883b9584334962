from discord import app_commands

from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.i18n import _
from core.chat.place import Scope
from core.policy.permissions import Action, allowed


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


async def put_to_use(context: CommandContext, name: str) -> str:
    """Binds the book to the channel; says so, or who can do it."""
    if not allowed(context.actor, Action.BIND_LOREBOOKS, context.place):
        return _("Ask someone who manages this server to turn it on with `/lorebook bind`.")
    await context.services.lorebooks.bind(context.actor, context.place, name, Scope.CHANNEL)
    return _("It's now used in this channel.")
