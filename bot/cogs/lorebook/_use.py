"""A new lorebook is put to use where it came from, if its person may do that."""

from bot.cogs._context import Here
from bot.i18n import _
from core.chat.place import Scope
from core.policy.permissions import Action, allowed


async def put_to_use(place: Here, name: str) -> str:
    """Binds the book to the channel; says so, or who can do it."""
    if not allowed(place.actor, Action.BIND_LOREBOOKS, place.place):
        return _("People who manage this server put it to use with `/lorebook bind`.")
    await place.services.lorebooks.bind(place.actor, place.place, name, Scope.CHANNEL)
    return _("It is in use in this channel.")
