"""The buttons under a reply. What they need stands in their ids, so they outlive a restart."""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, cast

import discord

from bot.i18n import _, use
from bot.wording.errors import answer

PREFIX = "tavern:"
_count = re.compile(r"(\d+)/(\d+)")


class Verb(StrEnum):
    """What a button does."""

    BACK = "back"
    COUNT = "count"
    NEXT = "next"
    AGAIN = "again"
    CONTINUE = "continue"
    STOP = "stop"
    RETRY = "retry"
    KEPT = "kept"
    ROOM = "room"


class RowKind(StrEnum):
    """Which buttons a message has."""

    BARE = "bare"
    RUNNING = "running"
    REPLY = "reply"
    FAILED = "failed"
    REFUSED = "refused"
    NO_ROOM = "no-room"


@dataclass(frozen=True, slots=True)
class Row:
    """The buttons of one message. `version` is new for each showing: the first press wins it."""

    kind: RowKind = RowKind.BARE
    message_id: int = 0
    swipe: int = 0
    swipes: int = 1
    cut: bool = False
    version: str = field(default_factory=lambda: secrets.token_hex(4))

    def view(self) -> discord.ui.View:
        """The buttons, labelled in the current language; an empty view for BARE."""
        view = discord.ui.View(timeout=None)
        strong = discord.ButtonStyle.primary if self.cut else discord.ButtonStyle.secondary
        for verb in _VERBS[self.kind]:
            label, style = {
                Verb.BACK: ("◀", discord.ButtonStyle.secondary),
                Verb.COUNT: (f"{self.swipe + 1}/{self.swipes}", discord.ButtonStyle.secondary),
                Verb.NEXT: ("▶", discord.ButtonStyle.secondary),
                Verb.AGAIN: (_("Regenerate"), discord.ButtonStyle.secondary),
                Verb.CONTINUE: (_("Continue"), strong),
                Verb.STOP: (_("Stop"), discord.ButtonStyle.danger),
                Verb.RETRY: (_("Try again"), discord.ButtonStyle.primary),
                Verb.KEPT: (_("Show me"), discord.ButtonStyle.secondary),
                Verb.ROOM: (_("Details"), discord.ButtonStyle.secondary),
            }[verb]
            button: discord.ui.Button[Any] = discord.ui.Button(
                label=label,
                style=style,
                custom_id=f"{PREFIX}{verb}:{self.message_id}:{self.version}",
                disabled=verb is Verb.COUNT or (verb is Verb.BACK and self.swipe == 0),
                row=0,
            )
            view.add_item(ReplyButton(button))
        return view

    def again(self) -> "Row":
        return replace(self, version=secrets.token_hex(4))


BARE = Row(version="")
_VERBS = {
    RowKind.BARE: (),
    RowKind.RUNNING: (Verb.STOP,),
    RowKind.REPLY: (Verb.BACK, Verb.COUNT, Verb.NEXT, Verb.AGAIN, Verb.CONTINUE),
    RowKind.FAILED: (Verb.RETRY,),
    RowKind.REFUSED: (Verb.KEPT,),
    RowKind.NO_ROOM: (Verb.RETRY, Verb.ROOM),
}


@dataclass(frozen=True, slots=True)
class Press:
    """A button that somebody pressed. `message_id` is our id of the story's message."""

    verb: Verb
    message_id: int
    version: str


class ReplyButton(
    discord.ui.DynamicItem["discord.ui.Button[Any]"],
    template=rf"{PREFIX}(?P<verb>{'|'.join(Verb)}):(?P<message>\d+):(?P<version>[0-9a-f]*)",
):
    """One button under a reply."""

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: Any, match: re.Match[str], /
    ) -> "ReplyButton":
        return cls(cast("discord.ui.Button[Any]", item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        use(interaction.locale)
        match = self.template.fullmatch(self.item.custom_id or "")
        assert match is not None
        press = Press(Verb(match["verb"]), int(match["message"]), match["version"])
        try:
            await interaction.client.dispatcher.press(interaction, press)
        except Exception as error:
            await answer(interaction, error)


def is_ours(message: discord.Message) -> bool:
    return any(
        (getattr(button, "custom_id", None) or "").startswith(PREFIX)
        for button in _buttons(message)
    )


def row_of(message: discord.Message, message_id: int) -> Row:
    """The buttons a message of ours carries, read back from it."""
    for button in _buttons(message):
        if count := _count.fullmatch(getattr(button, "label", None) or ""):
            return Row(RowKind.REPLY, message_id, int(count[1]) - 1, int(count[2]))
    return Row(RowKind.REPLY, message_id)


def _buttons(message: discord.Message) -> Iterator[object]:
    for row in message.components:
        if isinstance(row, discord.ActionRow):
            yield from row.children
