"""Asks before something is lost."""

from contextlib import suppress
from functools import partial
from typing import Any

import discord

from bot.command_context import CommandContext
from bot.i18n import _
from bot.views.base import Panel


class Confirm(Panel):
    """Two buttons; `agreed` is None until one is pressed or the time is over."""

    def __init__(self, owner_id: int, action: str, *, seconds: float = 60.0) -> None:
        super().__init__(owner_id, seconds=seconds)
        self.agreed: bool | None = None
        self.add_button(action, partial(self._end, True), style=discord.ButtonStyle.danger)
        self.add_button(_("Cancel"), partial(self._end, False))

    async def _end(self, agreed: bool, interaction: discord.Interaction[Any]) -> None:
        self.agreed = agreed
        await interaction.response.defer()
        self.stop()


async def confirmed(context: CommandContext, question: str, action: str) -> bool:
    """Asks the person privately; the question disappears with the answer."""
    view = Confirm(context.actor.id, action)
    message = await context.interaction.followup.send(
        question, view=view, ephemeral=True, wait=True
    )
    await view.wait()
    with suppress(discord.HTTPException):
        await message.delete()
    return view.agreed is True
