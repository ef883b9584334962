from functools import partial
from typing import Any

import discord

from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.i18n import _
from bot.views.base import Panel
from bot.views.connection import answering
from core.backends.local_servers import LocalServer, find_local
from core.errors import NotAllowed


@command()
async def local(context: CommandContext) -> None:
    """Look for model servers on the bot's own machine."""
    if not context.services.connections.may_look_around(context.actor):
        raise NotAllowed(what="address", needs="owner")
    found = await find_local(context.engine.models.pool.http)
    if not found:
        await context.say(
            _(
                "I couldn't find a model server on this machine. Start one (see `/connect help`) "
                "or enter its address with `/connect use`."
            )
        )
        return
    names = {spec.id: spec.name for spec in context.engine.models.pool.catalog}
    lines = [
        " · ".join(part for part in (names[one.backend], f"<{one.url}>", one.model) if part)
        for one in found
    ]
    await context.say("\n".join(lines), view=FoundServers(context, found, names))


class FoundServers(Panel):
    """A button for each server that was found."""

    def __init__(
        self, context: CommandContext, found: list[LocalServer], names: dict[str, str]
    ) -> None:
        super().__init__(context.actor.id)
        self._context = context
        for one in found[:10]:
            label = _("Use {name}", name=f"{names[one.backend]} {one.url.rpartition(':')[2]}")
            self.add_button(label, partial(self._use, one))

    async def _use(self, found: LocalServer, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer()
        context = self._context
        stored, dropped = await context.services.connections.save(
            context.actor, context.place, backend=found.backend, url=found.url
        )
        text, view = await answering(context, stored, dropped=dropped)
        await interaction.edit_original_response(content=text, view=view)
        self.stop()
