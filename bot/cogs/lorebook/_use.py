"""A new lorebook is put to use where it came from, if its person may do that."""

from bot.command_context import CommandContext
from bot.i18n import _
from core.chat.place import Scope
from core.policy.permissions import Action, allowed


async def put_to_use(context: CommandContext, name: str) -> str:
    """Binds the book to the channel; says so, or who can do it."""
    if not allowed(context.actor, Action.BIND_LOREBOOKS, context.place):
        return _("Ask someone who manages this server to turn it on with `/lorebook bind`.")
    await context.services.lorebooks.bind(context.actor, context.place, name, Scope.CHANNEL)
    return _("It's now used in this channel.")
