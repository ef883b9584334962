"""What happens in Discord reaches the story from here."""

import logging
from typing import Protocol

import discord
from discord.ext import commands

from bot.dispatcher import Dispatcher
from bot.recovery import Recovery
from bot.runtime import Runtime

log = logging.getLogger(__name__)


class Client(Protocol):
    """As much of the client as events are handed on to."""

    runtime: Runtime
    dispatcher: Dispatcher
    recovery: Recovery

    async def add_cog(self, cog: commands.Cog, /) -> None: ...


class DiscordEvents(commands.Cog):
    """Listeners only. Raw events, because discord.py remembers only the newest messages."""

    def __init__(self, client: Client) -> None:
        self.runtime = client.runtime
        self.dispatcher = client.dispatcher
        self.recovery = client.recovery

    @commands.Cog.listener()
    async def on_connect(self) -> None:
        """A new session; one that is resumed has lost nothing."""
        self.recovery.begin()

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """After each new session: events in between are lost and read back."""
        log.info("connected as %s", self.runtime.impersonation.user)
        await self.recovery.run()

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        await self.dispatcher.receive(message)

    @commands.Cog.listener()
    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Takes over a person's edit; previews, pins and flags change no words."""
        message = payload.message
        if message.edited_at is not None:
            await self.dispatcher.edit(message)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        await self.runtime.message_links.deleted([payload.message_id])

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        await self.runtime.message_links.deleted(sorted(payload.message_ids))

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Discord deletes a channel's messages without telling of each."""
        await self.runtime.engine.forget_place(channel.id)
        self.runtime.webhooks.forget(channel.id)

    @commands.Cog.listener()
    async def on_thread_join(self, thread: discord.Thread) -> None:
        """Also told of a thread that is open again: discord.py forgets those that are closed."""
        await self.dispatcher.reopen(thread)

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        await self.runtime.engine.forget_place(payload.thread_id)

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        await self.runtime.engine.leave_server(guild.id)

    @commands.Cog.listener()
    async def on_webhooks_update(self, channel: discord.abc.GuildChannel) -> None:
        self.runtime.webhooks.forget(channel.id)


async def setup(client: Client) -> None:
    await client.add_cog(DiscordEvents(client))
