"""Permission bits and how roles, overwrites and threads decide them."""

from collections.abc import Iterable
from enum import IntFlag

from bot.playground.world.models import Channel, Guild, Member


class Permission(IntFlag):
    """Discord's permission bits."""

    CREATE_INSTANT_INVITE = 1 << 0
    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_AUDIT_LOG = 1 << 7
    PRIORITY_SPEAKER = 1 << 8
    STREAM = 1 << 9
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    SEND_TTS_MESSAGES = 1 << 12
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    VIEW_GUILD_INSIGHTS = 1 << 19
    CONNECT = 1 << 20
    SPEAK = 1 << 21
    MUTE_MEMBERS = 1 << 22
    DEAFEN_MEMBERS = 1 << 23
    MOVE_MEMBERS = 1 << 24
    USE_VAD = 1 << 25
    CHANGE_NICKNAME = 1 << 26
    MANAGE_NICKNAMES = 1 << 27
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    MANAGE_GUILD_EXPRESSIONS = 1 << 30
    USE_APPLICATION_COMMANDS = 1 << 31
    REQUEST_TO_SPEAK = 1 << 32
    MANAGE_EVENTS = 1 << 33
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    USE_EXTERNAL_STICKERS = 1 << 37
    SEND_MESSAGES_IN_THREADS = 1 << 38
    USE_EMBEDDED_ACTIVITIES = 1 << 39
    MODERATE_MEMBERS = 1 << 40
    USE_SOUNDBOARD = 1 << 42
    CREATE_GUILD_EXPRESSIONS = 1 << 43
    CREATE_EVENTS = 1 << 44
    USE_EXTERNAL_SOUNDS = 1 << 45
    SEND_VOICE_MESSAGES = 1 << 46
    SEND_POLLS = 1 << 49
    USE_EXTERNAL_APPS = 1 << 50
    PIN_MESSAGES = 1 << 51


ALL = Permission(sum(Permission))
NONE = Permission(0)

# What a new server gives to everyone.
EVERYONE = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.ADD_REACTIONS
    | Permission.READ_MESSAGE_HISTORY
    | Permission.MENTION_EVERYONE
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.CHANGE_NICKNAME
    | Permission.CONNECT
    | Permission.SPEAK
    | Permission.SEND_POLLS
)

# What the invite link of a chat bot asks for.
INVITED = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.ADD_REACTIONS
    | Permission.MANAGE_WEBHOOKS
)

DIRECT = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.ADD_REACTIONS
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.SEND_POLLS
)

# A member in time-out keeps only these; someone who cannot write loses the rest of writing.
_TIMED_OUT = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY
_NEED_SENDING = (
    Permission.MENTION_EVERYONE
    | Permission.SEND_TTS_MESSAGES
    | Permission.ATTACH_FILES
    | Permission.EMBED_LINKS
)


def of_guild(guild: Guild, member: Member) -> Permission:
    """What the member's roles allow before any channel is looked at."""
    if guild.owner_id == member.user_id:
        return ALL
    bits = guild.roles[guild.id].permissions
    for role_id in member.roles:
        bits |= guild.roles[role_id].permissions
    granted = Permission(bits)
    return ALL if Permission.ADMINISTRATOR in granted else granted


def of_channel(
    guild: Guild, member: Member, channel: Channel, parent: Channel | None, now: float
) -> Permission:
    """What the member may do in a channel; a thread takes its parent's overwrites."""
    granted = of_guild(guild, member)
    if granted == ALL:
        return granted
    granted = _overwritten(granted, guild, member, parent or channel)
    if Permission.VIEW_CHANNEL not in granted:
        return NONE
    sending = Permission.SEND_MESSAGES_IN_THREADS if channel.thread else Permission.SEND_MESSAGES
    if sending not in granted:
        granted &= ~_NEED_SENDING
    return granted & _TIMED_OUT if member.timed_out_until > now else granted


def _overwritten(granted: Permission, guild: Guild, member: Member, channel: Channel) -> Permission:
    everyone = channel.overwrites.get(guild.id)
    if everyone:
        granted = (granted & ~Permission(everyone.deny)) | Permission(everyone.allow)
    allow = deny = NONE
    for role_id in member.roles:
        if overwrite := channel.overwrites.get(role_id):
            allow |= Permission(overwrite.allow)
            deny |= Permission(overwrite.deny)
    granted = (granted & ~deny) | allow
    if own := channel.overwrites.get(member.user_id):
        granted = (granted & ~Permission(own.deny)) | Permission(own.allow)
    return granted


def named(names: Iterable[str] | int | str) -> Permission:
    """Bits from a number, a number in a string, or names such as `manage_webhooks`.

    Raises KeyError for a name Discord does not have.
    """
    if isinstance(names, int):
        return Permission(names)
    if isinstance(names, str):
        return Permission(int(names)) if names.isdigit() else Permission[names.upper()]
    bits = NONE
    for name in names:
        bits |= Permission[name.upper()]
    return bits
