"""What all our own views share: the person's language, and errors told in one place."""

from collections.abc import Callable, Coroutine
from typing import Any

import discord

from bot.discord_text.display_names import shortened
from bot.i18n import _, use
from bot.wording.errors import answer

Pressed = Callable[[discord.Interaction[Any]], Coroutine[Any, Any, None]]
LABEL = 80
"""Discord's limit of a button's label."""


class Panel(discord.ui.View):
    """Buttons and selects for one person (`owner_id` None: for everyone), alive for a while.

    Buttons that must outlive a restart are dynamic items instead: `bot/channel/buttons.py`.
    """

    def __init__(self, owner_id: int | None = None, *, seconds: float = 600.0) -> None:
        super().__init__(timeout=seconds)
        self.owner_id = owner_id

    def add_button(
        self, label: str, pressed: Pressed, **looks: Any
    ) -> "discord.ui.Button[discord.ui.View]":
        """A button with what happens when it is pressed; `looks`: style, disabled, row."""
        button: discord.ui.Button[discord.ui.View] = discord.ui.Button(
            label=shortened(label, LABEL), **looks
        )
        button.callback = pressed  # type: ignore[method-assign, assignment]
        self.add_item(button)
        return button

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Sets the language; turns away everyone but the owner."""
        use(interaction.locale)
        if self.owner_id in (None, interaction.user.id):
            return True
        text = _("Only the person who used the command can press these buttons.")
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
