"""The bot's own webhooks: a few a channel, each with one character's picture.

A webhook's name ends in the picture's hash, so that after a restart Discord itself tells which
webhook speaks for whom, and no token has to be stored. Names are given with each message.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import discord
from cachetools import LRUCache

from bot.discord_text.display_names import display
from bot.limits.request_scheduler import RequestScheduler
from bot.limits.requests import TROUBLE, Failure, failure_of
from bot.outgoing.senders import BotSender, Room, Sender, WebhookSender
from core.reply.reply_run import Speaker

log = logging.getLogger(__name__)

# Discord allows 15 a channel; the rest stays free for people and other bots.
MOST = 8
# A picture is changed at most this often, in seconds: avatars of webhooks are costly to Discord.
_SETTLED = 600
_HASH = 8
_MOST_AUTHORS = 5000

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
                passing = failure_of(error) is Failure.PASSING
                self._refused[parent.id] = time.monotonic() + (5 if passing else 60)
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
        """Whether a webhook is known to be the bot's."""
        return any(own.webhook.id == webhook_id for pool in self._pools.values() for own in pool)

    def lost(self, webhook: discord.Webhook) -> None:
        """Discord no longer knows this webhook: it is never used again."""
        for pool in self._pools.values():
            pool[:] = [own for own in pool if own.webhook.id != webhook.id]

    def forget(self, channel_id: int) -> None:
        """The webhooks of a channel changed; they are looked up anew when next needed."""
        self._pools.pop(channel_id, None)
        self._refused.pop(channel_id, None)

    async def _pool(self, parent: Parent) -> list[_OwnWebhook]:
        if parent.id not in self._pools:
            await self._scheduler.acquire(_urgency)
            found = [
                _OwnWebhook(webhook, _picture_of(webhook.name or ""))
                for webhook in await parent.webhooks()
                if webhook.token and webhook.user == parent.guild.me
            ]
            self._pools[parent.id] = found
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
        await self._scheduler.acquire(_urgency)
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
        await self._scheduler.acquire(_urgency)
        own.webhook = await own.webhook.edit(name=_name(parent, picture), avatar=data)
        own.picture = picture
        return own


def _urgency(now: float) -> float:
    """Without its webhook a character cannot begin: as urgent as a first word."""
    return 6.0


def _with_picture(pool: list[_OwnWebhook], picture: str) -> _OwnWebhook | None:
    return next((own for own in pool if own.picture == picture), None)


def _name(parent: Parent, picture: str) -> str:
    return display(f"{parent.guild.me.name[:60]} {picture}")


def _picture_of(name: str) -> str:
    last = name.rpartition(" ")[2]
    is_hash = len(last) == _HASH and all(sign in "0123456789abcdef" for sign in last)
    return last if is_hash else ""


def _parent(room: Room) -> Parent | None:
    channel = room.parent if isinstance(room, discord.Thread) else room
    if not isinstance(channel, Parent):
        return None
    return channel if channel.permissions_for(channel.guild.me).manage_webhooks else None
