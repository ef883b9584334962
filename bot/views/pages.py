"""Long lists and texts in pages of one message."""

from collections.abc import Sequence
from functools import partial
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
        if len(self.pages) > 1:
            self._back = self.add_button("◀", partial(self._turn, -1))
            self._on = self.add_button("▶", partial(self._turn, 1))
            self._arrange()

    @property
    def page(self) -> discord.Embed:
        """The page that is shown."""
        return self.pages[self.at]

    def _arrange(self) -> None:
        total = len(self.pages)
        self._back.disabled = self.at == 0
        self._on.disabled = self.at == total - 1
        self.page.set_footer(text=_("Page {number} of {total}", number=self.at + 1, total=total))

    async def _turn(self, step: int, interaction: discord.Interaction[Any]) -> None:
        self.at = min(max(self.at + step, 0), len(self.pages) - 1)
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
