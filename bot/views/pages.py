"""Long lists and texts in pages of one message."""

from collections.abc import Sequence
from typing import Any

import discord

from bot.command_context import CommandContext
from bot.discord_text.splitter import split
from bot.i18n import _
from bot.views.base import Panel

# Discord: 4096 characters in an embed's description; a phone shows a quarter of that at once.
_PAGE = 1800


class Pages(Panel):
    """Embeds to leaf through. Without a second page there are no buttons."""

    def __init__(self, owner_id: int, pages: Sequence[discord.Embed]) -> None:
        super().__init__(owner_id)
        self.pages = list(pages)
        self.at = 0
        self._back: discord.ui.Button[Pages] = discord.ui.Button(label="◀")
        self._on: discord.ui.Button[Pages] = discord.ui.Button(label="▶")
        self._back.callback = self._earlier  # type: ignore[method-assign]
        self._on.callback = self._later  # type: ignore[method-assign]
        if len(self.pages) > 1:
            self.add_item(self._back)
            self.add_item(self._on)
        self._arrange()

    @property
    def page(self) -> discord.Embed:
        """The page that is shown."""
        return self.pages[self.at]

    def _arrange(self) -> None:
        self._back.disabled = self.at == 0
        self._on.disabled = self.at == len(self.pages) - 1
        for number, page in enumerate(self.pages, 1):
            if len(self.pages) > 1:
                total = len(self.pages)
                page.set_footer(text=_("Page {number} of {total}", number=number, total=total))

    async def _earlier(self, interaction: discord.Interaction[Any]) -> None:
        await self._turn(interaction, self.at - 1)

    async def _later(self, interaction: discord.Interaction[Any]) -> None:
        await self._turn(interaction, self.at + 1)

    async def _turn(self, interaction: discord.Interaction[Any], page: int) -> None:
        self.at = min(max(page, 0), len(self.pages) - 1)
        self._arrange()
        await interaction.response.edit_message(embed=self.page, view=self)


async def pages(context: CommandContext, title: str, lines: Sequence[str]) -> None:
    """Answers the deferred command with a list, leafed through where it is long."""
    await leaf_through(context, leaves_of(title, lines))


def leaves_of(title: str, lines: Sequence[str]) -> list[discord.Embed]:
    """The pages of one list."""
    parts = split("\n".join(lines), _PAGE)
    return [discord.Embed(title=title[:256], description=one) for one in parts]


async def leaf_through(context: CommandContext, leaves: Sequence[discord.Embed]) -> None:
    """Answers the deferred command with pages of any making."""
    view = Pages(context.actor.id, leaves)
    await context.say(embed=view.page, view=view)
