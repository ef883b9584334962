"""What happens in Discord reaches the story from here."""

import logging
from typing import TYPE_CHECKING

import discord
from discord.ext import commands

if TYPE_CHECKING:
    from bot.client import TavernBot

log = logging.getLogger(__name__)


class Events(commands.Cog):
    """Listeners only. Raw events, because discord.py remembers only the newest messages."""

    def __init__(self, bot: "TavernBot") -> None:
        self.bot = bot

    @commands.Cog.listener()
    async def on_connect(self) -> None:
        """A new session; one that is resumed has lost nothing."""
        self.bot.recovery.begin()

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """After each new session: events in between are lost and read back."""
        log.info("connected as %s", self.bot.user)
        await self.bot.recovery.run()

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Somebody wrote something."""
        await self.bot.dispatcher.hear(message)

    @commands.Cog.listener()
    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Takes over a person's edit; previews, pins and flags change no words."""
        message = payload.message
        if message.edited_at is not None and self.bot.message_reader.is_heard(message):
            await self.bot.recovery.edited(message)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """A deleted message is no longer told."""
        await self.bot.deleted([payload.message_id])

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Several at once."""
        await self.bot.deleted(sorted(payload.message_ids))

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Discord deletes a channel's messages without telling of each."""
        await self.bot.engine.forget_place(channel.id)
        self.bot.webhooks.forget(channel.id)

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """As for channels."""
        await self.bot.engine.forget_place(payload.thread_id)

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """The bot was removed from a server."""
        await self.bot.engine.leave_server(guild.id)

    @commands.Cog.listener()
    async def on_webhooks_update(self, channel: discord.abc.GuildChannel) -> None:
        """Somebody made, changed or deleted a webhook."""
        self.bot.webhooks.forget(channel.id)


async def setup(bot: "TavernBot") -> None:
    """Called by discord.py."""
    await bot.add_cog(Events(bot))
