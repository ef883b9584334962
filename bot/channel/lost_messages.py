"""Finds the Discord messages of a reply that a crash cut off, and the words that stand in them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot.channel.placeholder import MARK
from bot.outgoing.senders import Room
from bot.runtime import Runtime
from core.chat.message import Message, State

_PAGE = 50
_NOTICE = "⚠ "
# Discord's clock and ours may differ by this many milliseconds.
_SKEW = 10_000
_bold_name = re.compile(r"\A\*\*.{1,200}?\*\*\n")
_small_print = re.compile(r"(?:\A|\n)-# .*\Z")


@dataclass(frozen=True, slots=True)
class LostMessages:
    """What Discord shows of one unfinished message. `text` is the longest that is surely its."""

    ids: tuple[int, ...]
    text: str


async def find_lost(runtime: Runtime, room: Room, message: Message) -> LostMessages:
    """Looks for those whose ids are known, and those whose ids were not stored yet."""
    start = min(message.discord_ids, default=0) - 1
    if start < 0:
        start = max(0, message.created - _SKEW - discord.utils.DISCORD_EPOCH) << 22
    found = []
    history = room.history(limit=_PAGE, after=discord.Object(start), oldest_first=True)
    async for seen in history:
        if not runtime.message_reader.is_own(seen) or seen.content.startswith(_NOTICE):
            continue
        owner = await runtime.engine.shown_by(seen.id)
        if owner is None or owner.id == message.id:
            runtime.webhooks.note(seen.id, seen.webhook_id or 0)
            found.append(seen)
    shown = _shown([seen.content for seen in found])
    return LostMessages(tuple(seen.id for seen in found), _text(message, shown))


def _text(message: Message, shown: str) -> str:
    """The stored draft, or what Discord shows where that is more of the same."""
    draft = message.text
    if message.state is not State.STREAMING or len(shown) <= len(draft):
        return draft
    # Before the first edit, the messages of a new swipe still show the old one.
    if any(swipe.text.strip() == shown for swipe in message.swipes):
        return draft
    return shown if shown.startswith(draft.strip()[:40]) else draft


def _shown(contents: Sequence[str]) -> str:
    texts = [text for text in contents if not text.startswith(MARK)]
    if texts:
        texts[0] = _bold_name.sub("", texts[0])
    return "\n".join(_small_print.sub("", text) for text in texts).strip()
