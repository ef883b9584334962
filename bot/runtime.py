"""What every part of the Discord side is handed.

It holds no client: a bot in many servers has one for each shard, and whoever sends is found by
place.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import discord
from cachetools import LRUCache

from bot.discord_text.display_names import Impersonation
from bot.incoming.message_links import MessageLinks
from bot.incoming.message_reader import MessageReader, actor_of
from bot.limits.requests import RequestScheduler
from bot.limits.turn_limiter import TurnLimiter
from bot.webhooks import Room, Webhooks
from core.chat.place import Actor, Place
from core.engine import Engine


@dataclass(frozen=True, slots=True)
class Runtime:
    """Made once the bot is logged in; `find_room` and `open_direct` reach the right client."""

    engine: Engine
    scheduler: RequestScheduler
    webhooks: Webhooks
    message_reader: MessageReader
    message_links: MessageLinks
    impersonation: Impersonation
    turn_limiter: TurnLimiter
    owners: frozenset[int]
    content_intent: bool
    """Whether the bot reads messages that do not mention it; off when Discord refused that."""
    locales: LRUCache[int, discord.Locale]
    """The language of a person's Discord, where they have used a command."""
    find_room: Callable[[Place], Awaitable[Room | None]]
    open_direct: Callable[[int], Awaitable[Room]]
    """The channel of direct messages with a person."""

    def actor(self, user: discord.abc.User, place: Place) -> Actor:
        return actor_of(user, place, self.owners)

    def meet(self, interaction: discord.Interaction) -> None:
        self.impersonation.note(interaction.user)
        self.locales[interaction.user.id] = interaction.locale
