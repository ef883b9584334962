"""How a character speaks in a channel: through a webhook, or as the bot with its name in bold.

There are a few webhooks a channel, each with one character's picture. A webhook's name ends in the
picture's hash, so that after a restart Discord itself tells which webhook speaks for whom, and no
token has to be stored. Names are given with each message.
"""

import abc
import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import discord
from cachetools import LRUCache
from discord.utils import MISSING, escape_markdown

from bot.discord_text.display_names import display
from bot.limits.requests import (
    TROUBLE,
    Failure,
    Key,
    RequestScheduler,
    edit_key,
    failure_of,
    post_key,
    webhook_key,
)
from core.reply.reply_run import Speaker

log = logging.getLogger(__name__)

# Discord allows 15 a channel; the rest stays free for people and other bots.
MOST = 8
# A picture is changed at most this often, in seconds: avatars of webhooks are costly to Discord.
_SETTLED = 600
# Without its webhook a character cannot begin: as urgent as a first word.
_URGENCY = 6.0
_HASH = 8
_MOST_AUTHORS = 5000

Room: TypeAlias = (
    discord.TextChannel
    | discord.VoiceChannel
    | discord.StageChannel
    | discord.Thread
    | discord.DMChannel
    | discord.PartialMessageable
)
"""A channel in which people write."""

NOBODY = discord.AllowedMentions.none()
"""Model text never pings; given with every send and edit, whatever the client's default is."""


class Sender(abc.ABC):
    """Posts and edits one character's messages in one channel."""

    prefix: str = ""
    """Stands before the text in the first message."""
    post_limit: Key
    edit_limit: Key
    webhook_id: int = 0
    """0: the bot itself posts."""

    def __init__(self, room: Room) -> None:
        self.room = room

    @abc.abstractmethod
    async def post(self, text: str, view: discord.ui.View, nonce: int) -> int:
        """Posts a message and returns its id. A repeat with the same nonce is no second message
        where the bot itself posts."""

    @abc.abstractmethod
    async def edit(self, message_id: int, text: str | None, view: discord.ui.View | None) -> None:
        """Changes what is given. An empty view removes the buttons."""

    @abc.abstractmethod
    async def delete(self, message_id: int) -> None: ...

    async def find(self, text: str, after: int) -> list[int]:
        """Messages of this sender with this text after an id; a repeat by nonce needs no search."""
        return []


class BotSender(Sender):
    """The bot's own messages. `name` None: the bot speaks for itself."""

    def __init__(self, room: Room, name: str | None = None) -> None:
        super().__init__(room)
        self.prefix = f"**{escape_markdown(display(name))}**\n" if name else ""
        self.post_limit, self.edit_limit = post_key(room.id), edit_key(room.id)

    async def post(self, text: str, view: discord.ui.View, nonce: int) -> int:
        # Discord returns the first message to a repeat with its nonce.
        sent = await self.room.send(
            text, view=view, nonce=nonce, suppress_embeds=True, allowed_mentions=NOBODY
        )
        return sent.id

    async def edit(self, message_id: int, text: str | None, view: discord.ui.View | None) -> None:
        await self.room.get_partial_message(message_id).edit(
            content=MISSING if text is None else text,
            view=MISSING if view is None else view,
            allowed_mentions=NOBODY,
        )

    async def delete(self, message_id: int) -> None:
        await self.room.get_partial_message(message_id).delete()


class WebhookSender(Sender):
    """A webhook's messages under the character's own name and picture."""

    def __init__(self, room: Room, webhook: discord.Webhook, name: str) -> None:
        super().__init__(room)
        self.webhook = webhook
        self.webhook_id = webhook.id
        self._name = name
        self._thread = discord.Object(room.id) if isinstance(room, discord.Thread) else MISSING
        self.post_limit = self.edit_limit = webhook_key(webhook.id)

    async def post(self, text: str, view: discord.ui.View, nonce: int) -> int:
        sent = await self.webhook.send(
            text,
            username=self._name,
            view=view,
            thread=self._thread,
            suppress_embeds=True,
            allowed_mentions=NOBODY,
            wait=True,
        )
        return sent.id

    async def edit(self, message_id: int, text: str | None, view: discord.ui.View | None) -> None:
        await self.webhook.edit_message(
            message_id,
            content=MISSING if text is None else text,
            view=MISSING if view is None else view,
            thread=self._thread,
            allowed_mentions=NOBODY,
        )

    async def delete(self, message_id: int) -> None:
        await self.webhook.delete_message(message_id, thread=self._thread)

    async def find(self, text: str, after: int) -> list[int]:
        return [
            message.id
            async for message in self.room.history(
                limit=50, after=discord.Object(after), oldest_first=True
            )
            if message.content == text and message.webhook_id == self.webhook_id
        ]


Parent = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.ForumChannel


@dataclass(slots=True)
class _OwnWebhook:
    webhook: discord.Webhook
    picture: str
    used: float = field(default_factory=time.monotonic)


class Webhooks:
    """`picture` fetches the bytes of a character's avatar, None where it has none."""

    def __init__(
        self, scheduler: RequestScheduler, picture: Callable[[int], Awaitable[bytes | None]]
    ) -> None:
        self._scheduler = scheduler
        self._picture = picture
        self._pools: dict[int, list[_OwnWebhook]] = {}
        self._refused: dict[int, float] = {}
        self._locks: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._authors: LRUCache[int, int] = LRUCache(_MOST_AUTHORS)

    async def sender(self, room: Room, speaker: Speaker, name: str) -> Sender:
        """Who posts for this speaker: its webhook, or the bot where that is impossible."""
        parent = _parent(room)
        if parent is None or self._refused.get(parent.id, 0) > time.monotonic():
            return BotSender(room, name)
        async with self._locks[parent.id]:
            try:
                own = await self._own(parent, speaker)
            except TROUBLE as error:
                log.info("no webhook in channel %s: %s", parent.id, error)
                # Without the permission or with 15 of others' it stays so until something changes.
                pause = 5 if failure_of(error) is Failure.PASSING else 60
                self._refused[parent.id] = time.monotonic() + pause
                return BotSender(room, name)
        own.used = time.monotonic()
        return WebhookSender(room, own.webhook, display(name))

    async def sender_of(self, room: Room, message_id: int, name: str) -> Sender | None:
        """The sender that can edit a message of ours; None where it is gone."""
        author = self._authors.get(message_id)
        if author is None:
            author = (await room.fetch_message(message_id)).webhook_id or 0
            self.note(message_id, author)
        if author == 0:
            return BotSender(room, name)
        parent = _parent(room)
        if parent is None:
            return None
        async with self._locks[parent.id]:
            pool = await self._pool(parent)
        found = next((own for own in pool if own.webhook.id == author), None)
        return WebhookSender(room, found.webhook, display(name)) if found else None

    def note(self, message_id: int, webhook_id: int) -> None:
        """Remembers which webhook wrote a message; 0 is the bot itself."""
        self._authors[message_id] = webhook_id

    def owns(self, webhook_id: int) -> bool:
        return any(own.webhook.id == webhook_id for pool in self._pools.values() for own in pool)

    def lost(self, webhook_id: int) -> None:
        """Discord no longer knows this webhook: it is never used again."""
        for pool in self._pools.values():
            pool[:] = [own for own in pool if own.webhook.id != webhook_id]

    def forget(self, channel_id: int) -> None:
        """The webhooks of a channel changed; they are looked up anew when next needed."""
        self._pools.pop(channel_id, None)
        self._refused.pop(channel_id, None)

    async def _pool(self, parent: Parent) -> list[_OwnWebhook]:
        if parent.id not in self._pools:
            await self._scheduler.acquire(lambda now: _URGENCY)
            self._pools[parent.id] = [
                _OwnWebhook(webhook, _picture_of(webhook.name or ""))
                for webhook in await parent.webhooks()
                if webhook.token and webhook.user == parent.guild.me
            ]
        return self._pools[parent.id]

    async def _own(self, parent: Parent, speaker: Speaker) -> _OwnWebhook:
        pool = await self._pool(parent)
        wanted = (speaker.avatar or "")[:_HASH]
        if fitting := _with_picture(pool, wanted):
            return fitting
        data = None
        if wanted and speaker.character_id is not None:
            data = await self._picture(speaker.character_id)
        if data is not None:
            if sum(bool(own.picture) for own in pool) < MOST:
                return await self._create(parent, pool, wanted, data)
            oldest = min((own for own in pool if own.picture), key=lambda own: own.used)
            if time.monotonic() - oldest.used > _SETTLED:
                return await self._change(parent, oldest, wanted, data)
        return _with_picture(pool, "") or await self._create(parent, pool, "", None)

    async def _create(
        self, parent: Parent, pool: list[_OwnWebhook], picture: str, data: bytes | None
    ) -> _OwnWebhook:
        await self._scheduler.acquire(lambda now: _URGENCY)
        try:
            webhook = await parent.create_webhook(name=_name(parent, picture), avatar=data)
        except discord.HTTPException as error:
            # 30007: the channel has its 15 webhooks. One of ours can still speak.
            if error.code != 30007 or not pool:
                raise
            return await self._change(parent, min(pool, key=lambda own: own.used), picture, data)
        own = _OwnWebhook(webhook, picture)
        pool.append(own)
        return own

    async def _change(
        self, parent: Parent, own: _OwnWebhook, picture: str, data: bytes | None
    ) -> _OwnWebhook:
        await self._scheduler.acquire(lambda now: _URGENCY)
        own.webhook = await own.webhook.edit(name=_name(parent, picture), avatar=data)
        own.picture = picture
        return own


def _with_picture(pool: list[_OwnWebhook], picture: str) -> _OwnWebhook | None:
    return next((own for own in pool if own.picture == picture), None)


def _name(parent: Parent, picture: str) -> str:
    return display(f"{parent.guild.me.name[:60]} {picture}")


def _picture_of(name: str) -> str:
    last = name.rpartition(" ")[2]
    return last if len(last) == _HASH and set(last) <= set("0123456789abcdef") else ""


def _parent(room: Room) -> Parent | None:
    channel = room.parent if isinstance(room, discord.Thread) else room
    if not isinstance(channel, Parent):
        return None
    return channel if channel.permissions_for(channel.guild.me).manage_webhooks else None
