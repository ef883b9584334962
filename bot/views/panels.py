"""What our own screens share: buttons for one person, pages to leaf through, a question."""

from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import discord

from bot.command_context import CommandContext
from bot.discord_text.display_names import shortened
from bot.discord_text.splitter import split
from bot.i18n import _, use
from bot.wording.errors import answer

Pressed = Callable[[discord.Interaction[Any]], Coroutine[Any, Any, None]]
LABEL = 80
"""Discord's limit of a button's label."""
# Discord: 4096 characters in an embed's description; a phone shows a quarter of that at once.
_PAGE = 1800


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


class Confirm(Panel):
    """Two buttons; `agreed` is None until one is pressed or the time is over."""

    def __init__(self, owner_id: int, action: str) -> None:
        super().__init__(owner_id, seconds=60.0)
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
