"""Messages of a channel: read, write, edit, delete."""

from collections.abc import Mapping
from itertools import islice

from bot.playground.gateway.intents import blanked
from bot.playground.rest import compose
from bot.playground.rest.call import Call, Route
from bot.playground.rest.compose import Sender
from bot.playground.rules.errors import Json, invalid, refuse
from bot.playground.rules.permissions import Permission
from bot.playground.world import render
from bot.playground.world.changes import age
from bot.playground.world.models import WRITABLE, Channel, ChannelType, Message, MessageFlag

BULK_SECONDS = 14 * 24 * 3600
# How long Discord remembers a nonce ("the past few minutes").
NONCE_SECONDS = 180


def shown(call: Call, message: Message) -> Json:
    """A message as the bot may read it over REST."""
    state = call.simulation.state
    rendered = render.message(state, message, call.bot_id)
    if state.application.intents["message_content"]:
        return rendered
    place = state.channels[message.channel_id]
    if place.guild_id is None:
        return rendered
    return blanked(rendered, call.bot_id)


def require_writing(call: Call, channel: Channel) -> None:
    """Refuses channels the bot may not write in, or that hold no messages."""
    state = call.simulation.state
    if not state.sees(call.bot_id, channel):
        raise refuse(50001)
    if channel.type not in WRITABLE:
        raise refuse(50008)
    needed = Permission.SEND_MESSAGES_IN_THREADS if channel.thread else Permission.SEND_MESSAGES
    call.require(channel, needed)
    locked = channel.thread is not None and channel.thread.locked
    if locked and Permission.MANAGE_THREADS not in state.permissions(call.bot_id, channel):
        raise refuse(160005)


def require_parts(call: Call, channel: Channel) -> None:
    """Refuses files and embeds where the bot may not send them."""
    if call.files:
        call.require(channel, Permission.ATTACH_FILES)
    if call.json().get("embeds"):
        call.require(channel, Permission.EMBED_LINKS)


async def create(call: Call) -> Json:
    state = call.simulation.state
    channel = state.channel(call.ids["channel_id"])
    require_writing(call, channel)
    require_parts(call, channel)
    if known := _same_nonce(call, channel):
        return render.message(state, known, call.bot_id)
    sender = Sender(call.bot_id, state.permissions(call.bot_id, channel))
    message = compose.create(state, channel, call.json(), call.files, sender)
    call.simulation.changes.post(channel, message)
    return render.message(state, message, call.bot_id)


def _same_nonce(call: Call, channel: Channel) -> Message | None:
    """With `enforce_nonce` a repeated nonce finds the message it made first."""
    nonce = call.json().get("nonce")
    if not call.json().get("enforce_nonce") or nonce is None:
        return None
    for message in islice(reversed(channel.messages.values()), 200):
        if age(call.simulation.state, message) > NONCE_SECONDS:
            return None
        if message.nonce == nonce and message.author_id == call.bot_id:
            return message
    return None


async def history(call: Call) -> list[Json]:
    channel = call.channel(Permission.VIEW_CHANNEL)
    rights = call.simulation.state.permissions(call.bot_id, channel)
    if Permission.READ_MESSAGE_HISTORY not in rights:
        return []
    if channel.type not in WRITABLE:
        raise refuse(50008)
    limit = int(call.query.get("limit", 50))
    if not 1 <= limit <= 100:
        sentence = "int value should be between 1 and 100."
        raise invalid(("limit",), "NUMBER_TYPE_MAX", sentence)
    return [shown(call, each) for each in page(channel, call.query, limit)]


def page(channel: Channel, query: Mapping[str, str], limit: int) -> list[Message]:
    """Up to `limit` messages before, after or around an id; newest first."""
    everything = list(channel.messages.values())
    if "after" in query:
        later = [each for each in everything if int(each.id) > int(query["after"])]
        return later[:limit][::-1]
    if "around" in query:
        middle = int(query["around"])
        before = [each for each in everything if int(each.id) < middle][-(limit // 2) :]
        rest = [each for each in everything if int(each.id) >= middle]
        return (before + rest[: limit - len(before)])[::-1]
    if "before" in query:
        everything = [each for each in everything if int(each.id) < int(query["before"])]
    return everything[-limit:][::-1]


async def one(call: Call) -> Json:
    channel = call.channel(Permission.READ_MESSAGE_HISTORY)
    return shown(call, call.simulation.state.message(channel, call.ids["message_id"]))


async def edit(call: Call) -> Json:
    state = call.simulation.state
    channel = call.channel()
    message = state.message(channel, call.ids["message_id"])
    if channel.thread and channel.thread.archived:
        raise refuse(50083)
    sender = Sender(call.bot_id, state.permissions(call.bot_id, channel))
    if message.author is not None or message.author_id != call.bot_id:
        if set(call.json()) - {"flags"} or Permission.MANAGE_MESSAGES not in sender.rights:
            raise refuse(50005)
        _suppress(message, int(call.json().get("flags") or 0))
    else:
        if call.files:
            call.require(channel, Permission.ATTACH_FILES)
        compose.fill(state, channel, message, call.json(), call.files, sender)
        compose.mark_edited(state, message)
    call.simulation.changes.updated(channel, message)
    return render.message(state, message, call.bot_id)


def _suppress(message: Message, flags: int) -> None:
    """What a moderator may do to others' messages: hide their embeds."""
    message.flags &= ~MessageFlag.SUPPRESS_EMBEDS
    message.flags |= MessageFlag(flags) & MessageFlag.SUPPRESS_EMBEDS


async def delete(call: Call) -> None:
    channel = call.channel()
    message = call.simulation.state.message(channel, call.ids["message_id"])
    if message.author is not None or message.author_id != call.bot_id:
        if channel.type is ChannelType.DM:
            raise refuse(50003)
        call.require(channel, Permission.MANAGE_MESSAGES)
    if channel.thread and channel.thread.archived:
        raise refuse(50083)
    call.simulation.changes.delete(channel, [message.id])


async def delete_many(call: Call) -> None:
    channel = call.channel(Permission.MANAGE_MESSAGES)
    if channel.guild_id is None:
        raise refuse(50003)
    ids = [str(each) for each in call.json().get("messages") or []]
    if not 2 <= len(ids) <= 100 or len(set(ids)) != len(ids):
        sentence = "Must be between 2 and 100 in length."
        raise invalid(("messages",), "BASE_TYPE_BAD_LENGTH", sentence)
    found = [channel.messages[each] for each in ids if each in channel.messages]
    if any(age(call.simulation.state, each) > BULK_SECONDS for each in found):
        raise refuse(50034)
    call.simulation.changes.delete(channel, ids)


async def type_along(call: Call) -> None:
    channel = call.channel()
    call.simulation.changes.typing(channel, call.bot_id)


ROUTES = [
    Route("POST", "/channels/{channel_id}/messages", create),
    Route("GET", "/channels/{channel_id}/messages", history),
    Route("POST", "/channels/{channel_id}/messages/bulk-delete", delete_many),
    Route("GET", "/channels/{channel_id}/messages/{message_id}", one),
    Route("PATCH", "/channels/{channel_id}/messages/{message_id}", edit),
    Route("DELETE", "/channels/{channel_id}/messages/{message_id}", delete),
    Route("POST", "/channels/{channel_id}/typing", type_along),
]
