"""What all our own views share: the person's language, and errors told in one place."""

from typing import Any

import discord

from bot.i18n import _, use
from bot.wording.errors import answer


class Panel(discord.ui.View):
    """Buttons and selects for one person (`owner_id` None: for everyone), alive for a while.

    Buttons that must outlive a restart are dynamic items instead: `bot/channel/buttons.py`.
    """

    def __init__(self, owner_id: int | None = None, *, seconds: float = 600.0) -> None:
        super().__init__(timeout=seconds)
        self.owner_id = owner_id

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Sets the language; turns away everyone but the owner."""
        use(interaction.locale)
        if self.owner_id in (None, interaction.user.id):
            return True
        text = _("These buttons belong to somebody else. Use the command yourself.")
        await interaction.response.send_message(text, ephemeral=True)
        return False

    async def on_error(
        self,
        interaction: discord.Interaction[Any],
        error: Exception,
        item: "discord.ui.Item[Any]",
        /,
    ) -> None:
        """One sentence for the person who pressed."""
        await answer(interaction, error)
