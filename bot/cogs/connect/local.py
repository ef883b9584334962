"""`/connect local`"""

from functools import partial
from typing import Any

import discord
from discord import app_commands

from bot.cogs._context import Here, Interaction, here
from bot.discord_text.display_names import shortened
from bot.i18n import _
from bot.views.base import Panel
from bot.views.connection import answering
from core.backends.local import Found, find_local
from core.errors import NotAllowed


@app_commands.command()
async def local(interaction: Interaction) -> None:
    """Look for model servers on this machine's usual ports."""
    place = await here(interaction)
    if not place.services.connections.may_look_around(place.actor):
        raise NotAllowed("only the bot's owner may look around", what="address", needs="owner")
    found = await find_local(place.engine.backend_pool.http)
    if not found:
        await place.say(
            _(
                "No model server answers on this machine's usual ports. Start one (`/connect help` "
                "tells more), or name its address with `/connect use`."
            )
        )
        return
    names = {spec.id: spec.name for spec in place.engine.backend_pool.catalog}
    lines = [
        " · ".join(part for part in (names[one.backend], f"<{one.url}>", one.model) if part)
        for one in found
    ]
    await place.say("\n".join(lines), view=Choose(place, found, names))


class Choose(Panel):
    """A button for each server that was found."""

    def __init__(self, place: Here, found: list[Found], names: dict[str, str]) -> None:
        super().__init__(place.actor.id)
        self._place = place
        for one in found[:10]:
            label = _("Use {name}", name=f"{names[one.backend]} {one.url.rpartition(':')[2]}")
            button: discord.ui.Button[Choose] = discord.ui.Button(label=shortened(label, 80))
            button.callback = partial(self._use, one)  # type: ignore[method-assign]
            self.add_item(button)

    async def _use(self, found: Found, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer()
        place = self._place
        stored, dropped = await place.services.connections.save(
            place.actor, place.place, backend=found.backend, url=found.url
        )
        text, view = await answering(place, stored, dropped=dropped)
        await interaction.edit_original_response(content=text, view=view)
        self.stop()
