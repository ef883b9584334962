"""Threads and forum posts: open, join, leave, list."""

from bot.playground.rest import compose
from bot.playground.rest.call import Answer, Call, Route
from bot.playground.rest.compose import Sender
from bot.playground.rules.errors import Json, invalid, refuse
from bot.playground.rules.permissions import Permission
from bot.playground.rules.schema import (
    boolean,
    demand,
    listing,
    number,
    one_of,
    record,
    snowflake,
    text,
)
from bot.playground.world import render
from bot.playground.world.models import Channel, ChannelType

_FIELDS = {
    "name": text(100, 1),
    "auto_archive_duration": one_of(60, 1440, 4320, 10_080),
    "rate_limit_per_user": number(0, 21_600),
    "type": one_of(10, 11, 12),
    "invitable": boolean,
    "applied_tags": listing(snowflake, 5),
}


def _begin(call: Call, parent: Channel, kind: ChannelType, snowflake: str | None) -> Channel:
    body = call.json()
    thread = call.simulation.state.add_thread(
        parent, body["name"], call.bot_id, kind, snowflake=snowflake
    )
    assert thread.thread is not None
    thread.slowmode = body.get("rate_limit_per_user") or 0
    thread.thread.auto_archive_duration = body.get("auto_archive_duration") or 1440
    thread.thread.invitable = body.get("invitable") is not False
    thread.thread.applied_tags = [str(each) for each in body.get("applied_tags") or []]
    return thread


async def from_message(call: Call) -> Answer:
    """A thread below a message takes the message's id."""
    parent = call.channel(Permission.CREATE_PUBLIC_THREADS)
    if parent.thread or parent.guild_id is None:
        raise refuse(50024)
    demand(record(_FIELDS, ("name",)), call.json())
    starter = call.simulation.state.message(parent, call.ids["message_id"])
    if starter.thread_id:
        raise refuse(160004)
    thread = _begin(call, parent, ChannelType.PUBLIC_THREAD, starter.id)
    call.simulation.changes.open_thread(parent, thread, starter)
    return Answer(render.channel(call.simulation.state, thread), 201)


async def alone(call: Call) -> Answer:
    """A thread without a message, or a forum post with its first one."""
    parent = call.channel()
    if parent.thread or parent.guild_id is None:
        raise refuse(50024)
    demand(record(_FIELDS, ("name",)), call.json())
    if parent.type is ChannelType.FORUM:
        return await _post(call, parent)
    kind = ChannelType(call.json().get("type") or ChannelType.PRIVATE_THREAD)
    is_private = kind is ChannelType.PRIVATE_THREAD
    call.require(
        parent,
        Permission.CREATE_PRIVATE_THREADS if is_private else Permission.CREATE_PUBLIC_THREADS,
    )
    thread = _begin(call, parent, kind, None)
    call.simulation.changes.open_thread(parent, thread, None)
    return Answer(render.channel(call.simulation.state, thread), 201)


async def _post(call: Call, forum: Channel) -> Answer:
    state = call.simulation.state
    call.require(forum, Permission.SEND_MESSAGES)
    first = call.json().get("message")
    if not isinstance(first, dict):
        raise invalid(("message",), "BASE_TYPE_REQUIRED", "This field is required")
    sender = Sender(call.bot_id, state.permissions(call.bot_id, forum))
    message = compose.create(state, forum, first, call.files, sender)
    thread = _begin(call, forum, ChannelType.PUBLIC_THREAD, message.id)
    message.channel_id = thread.id
    call.simulation.changes.open_thread(forum, thread, None)
    call.simulation.changes.post(thread, message)
    shown = render.message(state, message, call.bot_id)
    return Answer(render.channel(state, thread) | {"message": shown}, 201)


async def archived(call: Call) -> Json:
    parent, state = call.channel(Permission.READ_MESSAGE_HISTORY), call.simulation.state
    threads = [
        each
        for each in state.channels.values()
        if each.parent_id == parent.id
        and each.thread
        and each.thread.archived
        and each.type is not ChannelType.PRIVATE_THREAD
    ]
    return {
        "threads": [render.channel(state, each) for each in threads],
        "members": [],
        "has_more": False,
    }


async def join(call: Call) -> None:
    await _membership(call, call.bot_id, True)


async def leave(call: Call) -> None:
    await _membership(call, call.bot_id, False)


async def add(call: Call) -> None:
    await _membership(call, call.ids["user_id"], True)


async def remove(call: Call) -> None:
    await _membership(call, call.ids["user_id"], False)


async def _membership(call: Call, user_id: str, on: bool) -> None:
    channel = call.channel()
    if channel.thread is None:
        raise refuse(50024)
    if channel.thread.archived:
        raise refuse(50083)
    call.simulation.changes.join_thread(channel, user_id, on)


ROUTES = [
    Route("POST", "/channels/{channel_id}/messages/{message_id}/threads", from_message),
    Route("POST", "/channels/{channel_id}/threads", alone),
    Route("GET", "/channels/{channel_id}/threads/archived/public", archived),
    Route("PUT", "/channels/{channel_id}/thread-members/@me", join),
    Route("DELETE", "/channels/{channel_id}/thread-members/@me", leave),
    Route("PUT", "/channels/{channel_id}/thread-members/{user_id}", add),
    Route("DELETE", "/channels/{channel_id}/thread-members/{user_id}", remove),
]
