"""What the stand-in remembers: users, servers, channels, messages, webhooks."""

from dataclasses import dataclass, field
from enum import IntEnum, IntFlag

from bot.playground.rules.errors import Json


class ChannelType(IntEnum):
    TEXT = 0
    DM = 1
    VOICE = 2
    CATEGORY = 4
    ANNOUNCEMENT = 5
    ANNOUNCEMENT_THREAD = 10
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    STAGE = 13
    FORUM = 15


THREADS = frozenset(
    {ChannelType.ANNOUNCEMENT_THREAD, ChannelType.PUBLIC_THREAD, ChannelType.PRIVATE_THREAD}
)
# Channels that hold messages themselves.
WRITABLE = THREADS | {
    ChannelType.TEXT,
    ChannelType.DM,
    ChannelType.VOICE,
    ChannelType.ANNOUNCEMENT,
    ChannelType.STAGE,
}


class MessageType(IntEnum):
    DEFAULT = 0
    THREAD_CREATED = 18
    REPLY = 19
    CHAT_INPUT_COMMAND = 20
    THREAD_STARTER = 21
    CONTEXT_MENU_COMMAND = 23


class MessageFlag(IntFlag):
    SUPPRESS_EMBEDS = 1 << 2
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    VOICE_MESSAGE = 1 << 13
    HAS_SNAPSHOT = 1 << 14
    COMPONENTS_V2 = 1 << 15


NO_FLAGS = MessageFlag(0)


@dataclass(slots=True)
class User:
    id: str
    name: str
    bot: bool = False
    avatar: str | None = None
    locale: str = "en-US"


@dataclass(slots=True)
class Role:
    id: str
    name: str
    permissions: int
    position: int = 0
    color: int = 0
    mentionable: bool = False
    bot_id: str | None = None  # the bot a managed role belongs to


@dataclass(slots=True)
class Member:
    user_id: str
    joined_at: str
    roles: list[str] = field(default_factory=list)
    nick: str | None = None
    avatar: str | None = None
    timed_out_until: float = 0.0


@dataclass(slots=True)
class Guild:
    id: str
    name: str
    owner_id: str
    locale: str = "en-US"
    boost_tier: int = 0
    roles: dict[str, Role] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)


@dataclass(slots=True)
class Overwrite:
    id: str
    type: int  # 0 role, 1 member
    allow: int = 0
    deny: int = 0


@dataclass(slots=True)
class Thread:
    """What a thread has beyond a channel."""

    owner_id: str
    created_at: str
    archive_changed_at: str
    archived: bool = False
    locked: bool = False
    auto_archive_duration: int = 1440
    invitable: bool = True
    member_ids: dict[str, str] = field(default_factory=dict)  # user id: joined at
    applied_tags: list[str] = field(default_factory=list)
    sent: int = 0


@dataclass(slots=True)
class Attachment:
    id: str
    filename: str
    size: int
    content_type: str | None
    width: int | None = None
    height: int | None = None
    description: str | None = None
    title: str | None = None
    ephemeral: bool = False


@dataclass(slots=True)
class Message:
    id: str
    channel_id: str
    author_id: str
    author: Json | None = None  # set where the author is a webhook, not a user
    type: MessageType = MessageType.DEFAULT
    content: str = ""
    flags: MessageFlag = NO_FLAGS
    edited_at: str | None = None
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    mentions: list[str] = field(default_factory=list)
    mention_roles: list[str] = field(default_factory=list)
    mention_everyone: bool = False
    reference: Json | None = None
    snapshots: list[Json] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    poll: Json | None = None
    tts: bool = False
    pinned_at: str | None = None
    nonce: str | int | None = None
    webhook_id: str | None = None
    application_id: str | None = None
    interaction: Json | None = None
    thread_id: str | None = None
    audience: str | None = None  # the one person who sees an ephemeral message


@dataclass(slots=True)
class Channel:
    id: str
    type: ChannelType
    guild_id: str | None = None
    name: str = ""
    position: int = 0
    parent_id: str | None = None
    topic: str | None = None
    nsfw: bool = False
    slowmode: int = 0
    overwrites: dict[str, Overwrite] = field(default_factory=dict)
    recipients: list[str] = field(default_factory=list)
    last_message_id: str | None = None
    available_tags: list[Json] = field(default_factory=list)
    thread: Thread | None = None
    messages: dict[str, Message] = field(default_factory=dict)  # oldest first
    ephemeral: dict[str, Message] = field(default_factory=dict)


@dataclass(slots=True)
class Webhook:
    id: str
    token: str
    channel_id: str
    guild_id: str
    name: str
    user_id: str
    application_id: str | None = None
    avatar: str | None = None


@dataclass(slots=True)
class Upload:
    """A file as it came in a request."""

    field: str
    filename: str
    content: bytes
    content_type: str | None = None
