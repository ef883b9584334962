"""Turns what is remembered into Discord's objects."""

from bot.playground.rules.errors import Json
from bot.playground.rules.permissions import Permission
from bot.playground.world.clock import iso
from bot.playground.world.models import (
    Attachment,
    Channel,
    ChannelType,
    Guild,
    Member,
    Message,
    MessageType,
    Role,
    User,
    Webhook,
)
from bot.playground.world.snowflake import moment
from bot.playground.world.state import State

MAX_FILE_BYTES = {0: 10 << 20, 1: 10 << 20, 2: 50 << 20, 3: 100 << 20}


def user(person: User) -> Json:
    return {
        "id": person.id,
        "username": person.name if person.bot else person.name.lower().replace(" ", "_"),
        "global_name": None if person.bot else person.name,
        "avatar": person.avatar,
        "discriminator": f"{int(person.id) % 9000 + 1000}" if person.bot else "0",
        "public_flags": 0,
        "flags": 0,
        "bot": person.bot,
        "banner": None,
        "accent_color": None,
        "avatar_decoration_data": None,
        "collectibles": None,
        "primary_guild": None,
    }


def current_user(person: User) -> Json:
    """The bot's own entry, with the fields only oneself sees."""
    return user(person) | {
        "mfa_enabled": True,
        "locale": person.locale,
        "premium_type": 0,
        "email": None,
        "verified": True,
    }


def member(state: State, one: Member, *, with_user: bool = True) -> Json:
    rendered: Json = {
        "avatar": one.avatar,
        "banner": None,
        "communication_disabled_until": iso(one.timed_out_until) if one.timed_out_until else None,
        "flags": 0,
        "joined_at": one.joined_at,
        "nick": one.nick,
        "pending": False,
        "premium_since": None,
        "roles": list(one.roles),
        "mute": False,
        "deaf": False,
    }
    if with_user:
        rendered["user"] = user(state.users[one.user_id])
    return rendered


def role(one: Role) -> Json:
    rendered: Json = {
        "id": one.id,
        "name": one.name,
        "description": None,
        "permissions": str(int(one.permissions)),
        "position": one.position,
        "color": one.color,
        "colors": {"primary_color": one.color, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": one.bot_id is not None,
        "mentionable": one.mentionable,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }
    if one.bot_id:
        rendered["tags"] = {"bot_id": one.bot_id}
    return rendered


def guild(state: State, one: Guild) -> Json:
    """A server as REST answers it."""
    nothing = [
        "icon",
        "description",
        "home_header",
        "splash",
        "discovery_splash",
        "banner",
        "application_id",
        "afk_channel_id",
        "system_channel_id",
        "widget_channel_id",
        "vanity_url_code",
        "rules_channel_id",
        "safety_alerts_channel_id",
        "public_updates_channel_id",
        "max_presences",
        "incidents_data",
    ]
    return {
        **dict.fromkeys(nothing),
        "id": one.id,
        "name": one.name,
        "features": [],
        "owner_id": one.owner_id,
        "region": "rotterdam",
        "afk_timeout": 300,
        "system_channel_flags": 0,
        "widget_enabled": False,
        "verification_level": 0,
        "roles": [role(each) for each in one.roles.values()],
        "default_message_notifications": 0,
        "mfa_level": 0,
        "explicit_content_filter": 0,
        "max_members": 500_000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "premium_tier": one.boost_tier,
        "premium_subscription_count": 0,
        "preferred_locale": one.locale,
        "premium_progress_bar_enabled": False,
        "nsfw": False,
        "nsfw_level": 0,
        "emojis": [],
        "stickers": [],
    }


def guild_create(state: State, one: Guild, *, all_members: bool) -> Json:
    """A server as the gateway announces it; without the members intent only the bot is listed."""
    listed = [
        member(state, each)
        for each in one.members.values()
        if all_members or each.user_id == state.bot.id
    ]
    own_channels = [
        channel(state, each)
        for each in state.channels.values()
        if each.guild_id == one.id and not each.thread
    ]
    threads = [
        channel(state, each)
        for each in state.threads_of(one.id)
        if each.thread and not each.thread.archived and state.sees(state.bot.id, each)
    ]
    return guild(state, one) | {
        "joined_at": one.members[state.bot.id].joined_at,
        "large": False,
        "unavailable": False,
        "member_count": len(one.members),
        "members": listed,
        "channels": own_channels,
        "threads": threads,
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def channel(state: State, one: Channel) -> Json:
    if one.guild_id is None:
        return {
            "id": one.id,
            "type": int(one.type),
            "flags": 0,
            "last_message_id": one.last_message_id,
            "recipients": [user(state.users[each]) for each in one.recipients],
        }
    rendered: Json = {
        "id": one.id,
        "type": int(one.type),
        "flags": 0,
        "guild_id": one.guild_id,
        "name": one.name,
        "parent_id": one.parent_id,
        "rate_limit_per_user": one.slowmode,
        "last_message_id": one.last_message_id,
    }
    return rendered | (_thread_part(state, one) if one.thread else _guild_part(one))


def _guild_part(one: Channel) -> Json:
    part: Json = {
        "position": one.position,
        "topic": one.topic,
        "nsfw": one.nsfw,
        "permission_overwrites": [
            {
                "id": each.id,
                "type": each.type,
                "allow": str(int(each.allow)),
                "deny": str(int(each.deny)),
            }
            for each in one.overwrites.values()
        ],
    }
    if one.type in (ChannelType.VOICE, ChannelType.STAGE):
        part |= {"bitrate": 64_000, "user_limit": 0, "rtc_region": None}
    if one.type is ChannelType.FORUM:
        part |= {
            "available_tags": one.available_tags,
            "default_reaction_emoji": None,
            "default_sort_order": None,
            "default_forum_layout": 0,
        }
    return part


def _thread_part(state: State, one: Channel) -> Json:
    assert one.thread is not None
    details = one.thread
    part: Json = {
        "owner_id": details.owner_id,
        "thread_metadata": {
            "archived": details.archived,
            "archive_timestamp": details.archive_changed_at,
            "auto_archive_duration": details.auto_archive_duration,
            "locked": details.locked,
            "create_timestamp": details.created_at,
        },
        "message_count": len(one.messages),
        "member_count": len(details.member_ids),
        "total_message_sent": details.sent,
        "applied_tags": details.applied_tags,
    }
    if one.type is ChannelType.PRIVATE_THREAD:
        part["thread_metadata"]["invitable"] = details.invitable
    if state.bot.id in details.member_ids:
        part["member"] = thread_member(one, state.bot.id)
    return part


def thread_member(one: Channel, user_id: str) -> Json:
    assert one.thread is not None
    return {
        "id": one.id,
        "user_id": user_id,
        "join_timestamp": one.thread.member_ids[user_id],
        "flags": 0,
    }


def attachment(state: State, channel_id: str, one: Attachment) -> Json:
    folder = "ephemeral-attachments" if one.ephemeral else "attachments"
    path = f"/{folder}/{channel_id}/{one.id}/{one.filename}"
    url = f"{state.base_url}/cdn{path}?{state.files.signature(path)}"
    rendered: Json = {
        "id": one.id,
        "filename": one.filename,
        "size": one.size,
        "url": url,
        "proxy_url": url,
    }
    for key in ("content_type", "width", "height", "description", "title"):
        if (value := getattr(one, key)) is not None:
            rendered[key] = value
    return rendered | ({"ephemeral": True} if one.ephemeral else {})


def webhook(state: State, one: Webhook, *, by_token: bool = False) -> Json:
    """A webhook; its token only for the application that owns it, its maker not by token."""
    rendered: Json = {
        "id": one.id,
        "type": 1,
        "channel_id": one.channel_id,
        "guild_id": one.guild_id,
        "name": one.name,
        "avatar": one.avatar,
        "application_id": one.application_id,
    }
    if by_token or one.application_id == state.application.id:
        rendered |= {
            "token": one.token,
            "url": f"{state.base_url}/api/webhooks/{one.id}/{one.token}",
        }
    if not by_token:
        rendered["user"] = user(state.users[one.user_id])
    return rendered


def message(state: State, one: Message, viewer_id: str) -> Json:
    """A message as REST answers it; `viewer_id` decides which reactions are "me"."""
    author = one.author or user(state.users[one.author_id])
    rendered: Json = {
        "id": one.id,
        "channel_id": one.channel_id,
        "type": int(one.type),
        "content": one.content,
        "author": author,
        "timestamp": iso(moment(one.id)),
        "edited_timestamp": one.edited_at,
        "flags": int(one.flags),
        "tts": one.tts,
        "pinned": one.pinned_at is not None,
        "mention_everyone": one.mention_everyone,
        "mentions": [user(state.users[each]) for each in one.mentions],
        "mention_roles": list(one.mention_roles),
        "attachments": [attachment(state, one.channel_id, each) for each in one.attachments],
        "embeds": one.embeds,
        "components": one.components,
    }
    return rendered | _optional_parts(state, one, viewer_id)


def _optional_parts(state: State, one: Message, viewer_id: str) -> Json:
    part: Json = {
        key: value
        for key, value in (
            ("nonce", one.nonce),
            ("webhook_id", one.webhook_id),
            ("application_id", one.application_id),
            ("poll", one.poll),
            ("message_reference", one.reference),
            ("message_snapshots", one.snapshots),
        )
        if value
    }
    if one.interaction:
        part["interaction_metadata"] = one.interaction
    if one.reactions:
        part["reactions"] = [
            reaction(key, ids, viewer_id) for key, ids in one.reactions.items() if ids
        ]
    if one.thread_id and (thread := state.channels.get(one.thread_id)):
        part["thread"] = channel(state, thread)
    if one.type in (MessageType.REPLY, MessageType.THREAD_STARTER) and one.reference:
        part["referenced_message"] = _referenced(state, one, viewer_id)
    return part


def _referenced(state: State, one: Message, viewer_id: str) -> Json | None:
    assert one.reference is not None
    place = state.channels.get(one.reference["channel_id"])
    target_id = one.reference.get("message_id", "")
    if place is None:
        return None
    target = place.messages.get(target_id) or place.ephemeral.get(target_id)
    if target is None:
        return None
    rendered = message(state, target, viewer_id)
    rendered.pop("referenced_message", None)
    return rendered


def reaction(key: str, user_ids: list[str], viewer_id: str) -> Json:
    return {
        "emoji": emoji(key),
        "count": len(user_ids),
        "count_details": {"burst": 0, "normal": len(user_ids)},
        "burst_colors": [],
        "me_burst": False,
        "me": viewer_id in user_ids,
        "burst_me": False,
        "burst_count": 0,
    }


def emoji(key: str) -> Json:
    """`name:id` for a custom emoji, otherwise the character itself."""
    name, colon, snowflake = key.rpartition(":")
    return {"id": snowflake, "name": name} if colon else {"id": None, "name": key}


def message_event(state: State, one: Message, viewer_id: str) -> Json:
    """A message as the gateway sends it: with the server's id and the author as a member."""
    rendered = message(state, one, viewer_id)
    place = state.channels[one.channel_id]
    rendered["channel_type"] = int(place.type)
    if place.guild_id is None:
        return rendered
    rendered["guild_id"] = place.guild_id
    members = state.guilds[place.guild_id].members
    # Interaction answers carry the application's id as webhook id but the bot as author.
    if one.author is None and (author := members.get(one.author_id)):
        rendered["member"] = member(state, author, with_user=False)
    for mentioned in rendered["mentions"]:
        if found := members.get(mentioned["id"]):
            mentioned["member"] = member(state, found, with_user=False)
    return rendered


def permissions_text(bits: Permission) -> str:
    return str(int(bits))
