"""Who uses a connection, in words; and the question whether a change is meant for all of them."""

from enum import StrEnum, auto
from functools import partial

import discord

from bot.command_context import CommandContext
from bot.i18n import _, ngettext
from bot.views.panels import Panel
from bot.wording.values import joined
from core.services.connection_users import ConnectionUsers
from core.storage.connections import Connection

NAMED = 5
"""More channels than this are counted, not named."""


class Reach(StrEnum):
    """For whom a change is meant."""

    ALL = auto()
    HERE = auto()


def users_text(users: ConnectionUsers) -> str:
    """“#lore and 2 threads”; empty for nobody."""
    parts = [f"<#{id_}>" for id_ in users.channels[:NAMED]]
    if (more := len(users.channels) - NAMED) > 0:
        parts.append(ngettext("{number} more channel", "{number} more channels", more))
    if users.threads:
        parts.append(ngettext("{number} thread", "{number} threads", len(users.threads)))
    if users.characters:
        parts.append(ngettext("{number} character", "{number} characters", len(users.characters)))
    return joined(parts)


class _ForWhom(Panel):
    """`has_here`: the change can be made for this channel alone."""

    def __init__(self, owner_id: int, *, has_here: bool) -> None:
        super().__init__(owner_id, seconds=120.0)
        self.reach: Reach | None = None
        primary = discord.ButtonStyle.primary
        if has_here:
            self.add_button(_("Only here"), partial(self._end, Reach.HERE), style=primary)
        self.add_button(_("Change all"), partial(self._end, Reach.ALL))
        if not has_here:
            self.add_button(_("Cancel"), partial(self._end, None), style=primary)

    async def _end(self, reach: Reach | None, interaction: discord.Interaction) -> None:
        self.reach = reach
        await interaction.response.defer()
        self.stop()


async def reach_of(
    context: CommandContext, connection: Connection, *, has_here: bool = True
) -> Reach | None:
    """For whom a change of a shared connection is meant; asked where others use it too.

    None where nobody answered: then nothing is to be changed.
    """
    spec = context.engine.models.pool.spec(connection)
    # Without an address it answers nowhere yet: nobody loses anything.
    is_begun = bool(connection.url or spec.endpoint.url)
    users = await context.services.connections.others(context.place, connection)
    if not is_begun or not users:
        return Reach.ALL
    view = _ForWhom(context.actor.id, has_here=has_here)
    question = _("This also changes {users}.", users=users_text(users))
    message = await context.interaction.followup.send(
        question, view=view, ephemeral=True, wait=True
    )
    await view.wait()
    if view.reach is None:
        await message.edit(content=_("Nothing was changed."), view=None)
    else:
        await message.delete()
    return view.reach


async def to_change(context: CommandContext, connection: Connection) -> Connection | None:
    """What a change is to be made on: the connection itself, or this channel's own copy of it.

    Only what answers here can be changed for here alone. None where nobody agreed.
    """
    in_use = await context.engine.models.connection(context.place)
    has_here = in_use is not None and in_use.id == connection.id
    reach = await reach_of(context, connection, has_here=has_here)
    if reach is Reach.HERE:
        return await context.services.connections.copied(context.actor, context.place, connection)
    return connection if reach is Reach.ALL else None
