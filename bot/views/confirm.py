"""Asks before something is lost."""

from contextlib import suppress
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
        self.interaction: discord.Interaction[Any] | None = None
        yes: discord.ui.Button[Confirm] = discord.ui.Button(
            label=action[:80], style=discord.ButtonStyle.danger
        )
        no: discord.ui.Button[Confirm] = discord.ui.Button(label=_("Cancel"))
        yes.callback = self._yes  # type: ignore[method-assign]
        no.callback = self._no  # type: ignore[method-assign]
        self.add_item(yes)
        self.add_item(no)

    async def _yes(self, interaction: discord.Interaction[Any]) -> None:
        await self._end(interaction, agreed=True)

    async def _no(self, interaction: discord.Interaction[Any]) -> None:
        await self._end(interaction, agreed=False)

    async def _end(self, interaction: discord.Interaction[Any], *, agreed: bool) -> None:
        self.agreed, self.interaction = agreed, interaction
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
