"""Changes to the world that others hear of: each method alters the state, then tells the bus."""

from collections.abc import Sequence

from bot.playground.rules.errors import Json, refuse
from bot.playground.world import render
from bot.playground.world.clock import iso
from bot.playground.world.events import Bus, Event
from bot.playground.world.models import (
    Channel,
    ChannelType,
    Guild,
    Message,
    MessageFlag,
    MessageType,
    Overwrite,
    Webhook,
)
from bot.playground.world.snowflake import moment
from bot.playground.world.state import State

REACTIONS = 20


class Changes:
    """The verbs of the stand-in."""

    def __init__(self, state: State, bus: Bus) -> None:
        self.state, self.bus = state, bus

    # Messages

    def post(self, channel: Channel, message: Message) -> None:
        """Puts a message into its channel; an archived thread opens by it."""
        if message.audience is not None:
            channel.ephemeral[message.id] = message
            self._message("MESSAGE_CREATE", channel, message)
            return
        if channel.thread and channel.thread.archived:
            self.archive(channel, False)
        channel.messages[message.id] = message
        channel.last_message_id = message.id
        if channel.thread:
            channel.thread.sent += 1
            if message.webhook_id is None:
                joined = iso(self.state.clock.now())
                channel.thread.member_ids.setdefault(message.author_id, joined)
        self._message("MESSAGE_CREATE", channel, message)

    def updated(self, channel: Channel, message: Message) -> None:
        self._message("MESSAGE_UPDATE", channel, message)

    def delete(self, channel: Channel, message_ids: Sequence[str]) -> None:
        """Deletes one message, or several in bulk."""
        gone = [channel.messages.pop(each) for each in message_ids if each in channel.messages]
        if not gone:
            return
        data: Json = {"channel_id": channel.id}
        if channel.guild_id:
            data["guild_id"] = channel.guild_id
        if len(message_ids) == 1:
            self._tell("MESSAGE_DELETE", data | {"id": gone[0].id}, channel)
        else:
            ids = [message.id for message in gone]
            self._tell("MESSAGE_DELETE_BULK", data | {"ids": ids}, channel)

    def dismiss(self, channel: Channel, message: Message) -> None:
        """Takes an ephemeral message away; only its reader notices."""
        channel.ephemeral.pop(message.id, None)
        data = {"id": message.id, "channel_id": channel.id}
        self.bus.publish(
            Event(
                "MESSAGE_DELETE",
                data,
                channel.guild_id,
                channel,
                audience=message.audience,
                for_bot=False,
            )
        )

    def react(self, channel: Channel, message: Message, key: str, user_id: str) -> None:
        """Adds a reaction. Raises `Refused` at the twenty-first kind."""
        if key not in message.reactions and len(message.reactions) >= REACTIONS:
            raise refuse(30010)
        user_ids = message.reactions.setdefault(key, [])
        if user_id not in user_ids:
            user_ids.append(user_id)
            self._reaction("MESSAGE_REACTION_ADD", channel, message, key, user_id)

    def unreact(self, channel: Channel, message: Message, key: str, user_id: str) -> None:
        user_ids = message.reactions.get(key, [])
        if user_id not in user_ids:
            raise refuse(10014)
        user_ids.remove(user_id)
        if not user_ids:
            del message.reactions[key]
        self._reaction("MESSAGE_REACTION_REMOVE", channel, message, key, user_id)

    def clear_reactions(self, channel: Channel, message: Message, key: str | None) -> None:
        data: Json = self._place(channel) | {"message_id": message.id}
        if key is None:
            message.reactions.clear()
            self._tell("MESSAGE_REACTION_REMOVE_ALL", data, channel)
        else:
            message.reactions.pop(key, None)
            data["emoji"] = render.emoji(key)
            self._tell("MESSAGE_REACTION_REMOVE_EMOJI", data, channel)

    def pin(self, channel: Channel, message: Message, on: bool) -> None:
        message.pinned_at = iso(self.state.clock.now()) if on else None
        self.updated(channel, message)
        data = self._place(channel) | {"last_pin_timestamp": message.pinned_at}
        self._tell("CHANNEL_PINS_UPDATE", data, channel)

    def typing(self, channel: Channel, user_id: str) -> None:
        now = int(self.state.clock.now())
        data = self._place(channel) | {"user_id": user_id, "timestamp": now}
        if channel.guild_id:
            member = self.state.member(channel.guild_id, user_id)
            data["member"] = render.member(self.state, member)
        self._tell("TYPING_START", data, channel, for_bot=user_id != self.state.bot.id)

    # Channels, threads, servers

    def channel_created(self, channel: Channel) -> None:
        """Tells of a new channel; bots hear nothing of new direct ones."""
        data = render.channel(self.state, channel)
        self._tell("CHANNEL_CREATE", data, channel, for_bot=channel.guild_id is not None)

    def channel_updated(self, channel: Channel) -> None:
        self._channel("THREAD_UPDATE" if channel.thread else "CHANNEL_UPDATE", channel)

    def delete_channel(self, channel: Channel) -> None:
        """Deletes a channel with its threads and webhooks; its messages go without events."""
        for thread in [each for each in self.state.channels.values() if each.thread]:
            if thread.parent_id == channel.id:
                del self.state.channels[thread.id]
        for webhook in [*self.state.webhooks.values()]:
            if webhook.channel_id == channel.id:
                del self.state.webhooks[webhook.id]
        kind = "THREAD_DELETE" if channel.thread else "CHANNEL_DELETE"
        self._channel(kind, channel)
        self.state.channels.pop(channel.id, None)

    def open_thread(self, parent: Channel, thread: Channel, starter: Message | None) -> None:
        """Tells of a new thread; one without a message of its own gets a line in its parent."""
        if starter is not None:
            starter.thread_id = thread.id
            starter.flags |= MessageFlag.HAS_THREAD
        self._channel("THREAD_CREATE", thread, newly_created=True)
        if starter is not None:
            self.updated(parent, starter)
            return
        if parent.type is ChannelType.FORUM or thread.type is ChannelType.PRIVATE_THREAD:
            return
        assert thread.thread is not None
        notice = Message(
            self.state.snowflake(),
            parent.id,
            thread.thread.owner_id,
            type=MessageType.THREAD_CREATED,
            content=thread.name,
            reference={"type": 0, "channel_id": thread.id, "guild_id": thread.guild_id},
        )
        self.post(parent, notice)

    def archive(self, channel: Channel, on: bool, *, locked: bool | None = None) -> None:
        assert channel.thread is not None
        channel.thread.archived = on
        channel.thread.archive_changed_at = iso(self.state.clock.now())
        if locked is not None:
            channel.thread.locked = locked
        self._channel("THREAD_UPDATE", channel)

    def join_thread(self, channel: Channel, user_id: str, on: bool) -> None:
        assert channel.thread is not None
        if on:
            channel.thread.member_ids[user_id] = iso(self.state.clock.now())
        else:
            channel.thread.member_ids.pop(user_id, None)
        data: Json = {
            "id": channel.id,
            "guild_id": channel.guild_id,
            "member_count": len(channel.thread.member_ids),
        }
        if on:
            data["added_members"] = [render.thread_member(channel, user_id)]
        else:
            data["removed_member_ids"] = [user_id]
        self._tell("THREAD_MEMBERS_UPDATE", data, channel)

    def overwrite(self, channel: Channel, target_id: str, kind: int, allow: int, deny: int) -> None:
        """Sets what a role (0) or a member (1) may do in a channel."""
        channel.overwrites[target_id] = Overwrite(target_id, kind, allow, deny)
        self.channel_updated(channel)

    def webhooks_updated(self, webhook: Webhook) -> None:
        data = {"guild_id": webhook.guild_id, "channel_id": webhook.channel_id}
        channel = self.state.channels.get(webhook.channel_id)
        self._tell("WEBHOOKS_UPDATE", data, channel, guild_id=webhook.guild_id)

    def guild_created(self, guild: Guild) -> None:
        """The bot is in a server now; each gateway session words this by its intents."""
        data = render.guild_create(self.state, guild, all_members=True)
        self._tell("GUILD_CREATE", data, guild_id=guild.id)

    def leave(self, guild: Guild) -> None:
        """Puts the bot out of a server."""
        guild.members.pop(self.state.bot.id, None)
        self._tell("GUILD_DELETE", {"id": guild.id}, guild_id=guild.id)

    def member_joined(self, guild: Guild, user_id: str) -> None:
        data = render.member(self.state, guild.members[user_id]) | {"guild_id": guild.id}
        self._tell("GUILD_MEMBER_ADD", data, guild_id=guild.id)

    def member_updated(self, guild: Guild, user_id: str) -> None:
        data = render.member(self.state, guild.members[user_id]) | {"guild_id": guild.id}
        self._tell("GUILD_MEMBER_UPDATE", data, guild_id=guild.id)

    def commands_changed(self) -> None:
        """Only pages hear of this; Discord tells a bot nothing."""
        listed = [each for group in self.state.commands.values() for each in group.values()]
        self.bus.publish(Event("COMMANDS", {"commands": listed}, for_bot=False))

    # Telling

    def _message(self, kind: str, channel: Channel, message: Message) -> None:
        data = render.message_event(self.state, message, self.state.bot.id)
        self.bus.publish(
            Event(
                kind,
                data,
                channel.guild_id,
                channel,
                message,
                audience=message.audience,
                for_bot=message.audience is None,
            )
        )

    def _reaction(
        self, kind: str, channel: Channel, message: Message, key: str, user_id: str
    ) -> None:
        data: Json = self._place(channel) | {
            "message_id": message.id,
            "user_id": user_id,
            "emoji": render.emoji(key),
            "burst": False,
            "type": 0,
            "message_author_id": message.author_id,
        }
        if channel.guild_id and kind == "MESSAGE_REACTION_ADD":
            member = self.state.member(channel.guild_id, user_id)
            data["member"] = render.member(self.state, member)
        self._tell(kind, data, channel)

    def _channel(self, kind: str, channel: Channel, **more: bool) -> None:
        self._tell(kind, render.channel(self.state, channel) | more, channel)

    def _tell(
        self,
        kind: str,
        data: Json,
        channel: Channel | None = None,
        *,
        guild_id: str | None = None,
        for_bot: bool = True,
    ) -> None:
        guild_id = guild_id or (channel.guild_id if channel else None)
        self.bus.publish(Event(kind, data, guild_id, channel, for_bot=for_bot))

    @staticmethod
    def _place(channel: Channel) -> Json:
        place: Json = {"channel_id": channel.id}
        return place | ({"guild_id": channel.guild_id} if channel.guild_id else {})


def age(state: State, message: Message) -> float:
    """Seconds since a message was written."""
    return state.clock.now() - moment(message.id)
