"""Finds the messages of a reply that was cut off by a crash, and the words that stand in them."""

import re
from collections.abc import Sequence

import discord

from bot.channel.placeholder import MARK
from bot.channel.senders import Room
from bot.runtime import Runtime
from core.chat.message import Message, State

_PAGE = 50
NOTICE = "⚠ "
# Discord's clock and ours may differ by this many milliseconds.
_SKEW = 10_000
_bold_name = re.compile(r"\A\*\*.{1,200}?\*\*\n")
_small_print = re.compile(r"(?:\A|\n)-# .*\Z")


class LostMessages:
    """What Discord shows of one unfinished turn."""

    def __init__(self, runtime: Runtime, room: Room) -> None:
        self._runtime = runtime
        self._room = room
        self.messages: Sequence[discord.Message] = ()

    async def of(self, turn: Message) -> "LostMessages":
        """Looks for the turn's messages: known ones, and those whose ids were not stored yet."""
        reader = self._runtime.message_reader
        start = min(turn.discord_ids, default=0) - 1
        if start < 0:
            start = max(0, turn.created - _SKEW - discord.utils.DISCORD_EPOCH) << 22
        found = []
        after = discord.Object(start)
        async for message in self._room.history(limit=_PAGE, after=after, oldest_first=True):
            if not reader.is_own(message) or message.content.startswith(NOTICE):
                continue
            owner = await self._runtime.engine.storage.messages.find_by_discord(message.id)
            if owner is None or owner.id == turn.id:
                self._runtime.webhooks.note(message.id, message.webhook_id or 0)
                found.append(message)
        self.messages = found
        return self

    @property
    def ids(self) -> tuple[int, ...]:
        """Their Discord ids, oldest first."""
        return tuple(message.id for message in self.messages)

    def text(self, turn: Message) -> str:
        """The longest text that is surely this turn's: the stored draft, or what Discord shows."""
        draft, shown = turn.text, self._shown()
        if turn.state is not State.STREAMING or len(shown) <= len(draft):
            return draft
        # Before the first edit, the messages of a new alternative still show the old one.
        if any(swipe.text.strip() == shown for swipe in turn.swipes):
            return draft
        return shown if shown.startswith(draft.strip()[:40]) else draft

    def _shown(self) -> str:
        texts = [message.content for message in self.messages]
        texts = [text for text in texts if not text.startswith(MARK)]
        if texts:
            texts[0] = _bold_name.sub("", texts[0])
        return "\n".join(_small_print.sub("", text) for text in texts).strip()
