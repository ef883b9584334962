"""The stand-in's memory: who and what exists, and who may see it."""

import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field

from bot.playground.rules import permissions
from bot.playground.rules.errors import Json, refuse
from bot.playground.rules.permissions import Permission
from bot.playground.world.clock import Clock, iso
from bot.playground.world.files import Files
from bot.playground.world.models import (
    Channel,
    ChannelType,
    Guild,
    Member,
    Message,
    Thread,
    User,
    Webhook,
)
from bot.playground.world.snowflake import Snowflakes


@dataclass(slots=True)
class Application:
    """The bot's entry in the developer portal, with the switches of the privileged intents."""

    id: str
    name: str
    token: str
    verify_key: str
    owner_id: str | None = None
    description: str = ""
    intents: dict[str, bool] = field(
        default_factory=lambda: {"presences": True, "members": True, "message_content": True}
    )


class State:
    """Users, servers, channels, webhooks, commands and files."""

    def __init__(self, clock: Clock, snowflakes: Snowflakes, bot_name: str, bot_id: str) -> None:
        self.clock, self.snowflake = clock, snowflakes
        self.base_url = ""
        self.files = Files(clock)
        self.bot = User(bot_id, bot_name, bot=True)
        self.application = Application(bot_id, bot_name, _token(bot_id), secrets.token_hex(32))
        self.users: dict[str, User] = {bot_id: self.bot}
        self.guilds: dict[str, Guild] = {}
        self.channels: dict[str, Channel] = {}
        self.webhooks: dict[str, Webhook] = {}
        self.commands: dict[str | None, dict[str, Json]] = {None: {}}
        self.emojis: dict[str, Json] = {}
        # Where a page opens, and the one line it shows a newcomer there.
        self.start_channel: str | None = None
        self.hint: str | None = None

    # Looking up: each raises `Refused` with Discord's code for an unknown id.

    def user(self, user_id: str) -> User:
        if user := self.users.get(user_id):
            return user
        raise refuse(10013)

    def guild(self, guild_id: str) -> Guild:
        if guild := self.guilds.get(guild_id):
            return guild
        raise refuse(10004)

    def member(self, guild_id: str, user_id: str) -> Member:
        if member := self.guild(guild_id).members.get(user_id):
            return member
        raise refuse(10007)

    def channel(self, channel_id: str) -> Channel:
        if channel := self.channels.get(channel_id):
            return channel
        raise refuse(10003)

    def message(self, channel: Channel, message_id: str) -> Message:
        if message := channel.messages.get(message_id):
            return message
        raise refuse(10008)

    def webhook(self, webhook_id: str) -> Webhook:
        if webhook := self.webhooks.get(webhook_id):
            return webhook
        raise refuse(10015)

    # Who may do and see what.

    def permissions(self, user_id: str, channel: Channel) -> Permission:
        """What someone may do in a channel; nothing for those who are not there."""
        if channel.guild_id is None:
            inside = user_id in channel.recipients or user_id == self.bot.id
            return permissions.DIRECT if inside else permissions.NONE
        guild = self.guilds[channel.guild_id]
        member = guild.members.get(user_id)
        if member is None:
            return permissions.NONE
        parent = self.parent(channel)
        return permissions.of_channel(guild, member, channel, parent, self.clock.now())

    def sees(self, user_id: str, channel: Channel) -> bool:
        allowed = self.permissions(user_id, channel)
        if Permission.VIEW_CHANNEL not in allowed:
            return False
        if channel.type is not ChannelType.PRIVATE_THREAD or channel.thread is None:
            return True
        return user_id in channel.thread.member_ids or Permission.MANAGE_THREADS in allowed

    def parent(self, channel: Channel) -> Channel | None:
        """The channel a thread hangs on; None for anything else."""
        return self.channels.get(channel.parent_id or "") if channel.thread else None

    def is_adult(self, channel: Channel) -> bool:
        """Whether a channel is age-restricted; a thread is what its parent is."""
        return (self.parent(channel) or channel).nsfw

    def shown(self, user_id: str, channel: Channel, message_id: str) -> Message:
        """A message as one person finds it, ephemeral ones included."""
        message = channel.messages.get(message_id) or channel.ephemeral.get(message_id)
        if message is None or message.audience not in (None, user_id):
            raise refuse(10008)
        return message

    # Adding. Nothing here tells anyone; see `changes.py`.

    def add_user(self, name: str, *, bot: bool = False, snowflake: str | None = None) -> User:
        user = User(snowflake or self.snowflake(), name, bot=bot)
        self.users[user.id] = user
        return user

    def add_member(self, guild: Guild, user: User, *roles: str) -> Member:
        member = Member(user.id, iso(self.clock.now()), list(roles))
        guild.members[user.id] = member
        return member

    def add_channel(
        self,
        guild: Guild,
        name: str,
        kind: ChannelType = ChannelType.TEXT,
        *,
        snowflake: str | None = None,
        parent_id: str | None = None,
        topic: str | None = None,
        nsfw: bool = False,
    ) -> Channel:
        channel = Channel(
            snowflake or self.snowflake(),
            kind,
            guild.id,
            name,
            position=sum(1 for other in self.channels.values() if other.guild_id == guild.id),
            parent_id=parent_id,
            topic=topic,
            nsfw=nsfw,
        )
        self.channels[channel.id] = channel
        return channel

    def add_thread(
        self,
        parent: Channel,
        name: str,
        owner_id: str,
        kind: ChannelType = ChannelType.PUBLIC_THREAD,
        *,
        snowflake: str | None = None,
    ) -> Channel:
        now = iso(self.clock.now())
        details = Thread(owner_id, now, now, member_ids={owner_id: now})
        thread = Channel(
            snowflake or self.snowflake(),
            kind,
            parent.guild_id,
            name,
            parent_id=parent.id,
            thread=details,
        )
        self.channels[thread.id] = thread
        return thread

    def direct_channel(self, user_id: str) -> Channel:
        """The conversation between the bot and one person, made when first asked for."""
        self.user(user_id)
        for channel in self.channels.values():
            if channel.type is ChannelType.DM and channel.recipients == [user_id]:
                return channel
        channel = Channel(self.snowflake(), ChannelType.DM, recipients=[user_id])
        self.channels[channel.id] = channel
        return channel

    def threads_of(self, guild_id: str) -> list[Channel]:
        return [
            channel
            for channel in self.channels.values()
            if channel.guild_id == guild_id and channel.thread
        ]


def _token(bot_id: str) -> str:
    """A token of the real shape; made anew for each run, so no page elsewhere can know it."""
    first = urlsafe_b64encode(bot_id.encode()).decode().rstrip("=")
    return f"{first}.{secrets.token_urlsafe(5)[:6]}.{secrets.token_urlsafe(28)}"
