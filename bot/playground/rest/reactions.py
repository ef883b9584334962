"""Reactions to messages."""

import re

from bot.playground.rest.call import Call, Route
from bot.playground.rules.errors import Json, refuse
from bot.playground.rules.permissions import Permission
from bot.playground.world import render
from bot.playground.world.models import Channel, Message


def _target(call: Call, *needed: Permission) -> tuple[Channel, Message]:
    channel = call.channel(Permission.READ_MESSAGE_HISTORY, *needed)
    return channel, call.simulation.state.message(channel, call.ids["message_id"])


def emoji_key(text: str) -> str:
    """`name:id` or a Unicode emoji. Raises `Refused` (10014) for plain words."""
    if re.fullmatch(r"\w{2,32}:\d{1,20}", text):
        return text
    if re.fullmatch(r"[\x20-\x7e]*", text):
        raise refuse(10014)
    return text


async def add(call: Call) -> None:
    channel, message = _target(call)
    key = emoji_key(call.ids["emoji"])
    if key not in message.reactions:
        call.require(channel, Permission.ADD_REACTIONS)
    if channel.thread and channel.thread.archived:
        raise refuse(50083)
    call.simulation.changes.react(channel, message, key, call.bot_id)


async def remove_own(call: Call) -> None:
    channel, message = _target(call)
    key = emoji_key(call.ids["emoji"])
    call.simulation.changes.unreact(channel, message, key, call.bot_id)


async def remove(call: Call) -> None:
    channel, message = _target(call, Permission.MANAGE_MESSAGES)
    key = emoji_key(call.ids["emoji"])
    call.simulation.changes.unreact(channel, message, key, call.ids["user_id"])


async def who(call: Call) -> list[Json]:
    _, message = _target(call)
    user_ids = message.reactions.get(emoji_key(call.ids["emoji"]), [])
    after, limit = int(call.query.get("after", 0)), int(call.query.get("limit", 25))
    listed = sorted((each for each in user_ids if int(each) > after), key=int)[:limit]
    return [render.user(call.simulation.state.users[each]) for each in listed]


async def clear(call: Call) -> None:
    channel, message = _target(call, Permission.MANAGE_MESSAGES)
    key = emoji_key(call.ids["emoji"]) if "emoji" in call.ids else None
    call.simulation.changes.clear_reactions(channel, message, key)


ALL_OF_MESSAGE = "/channels/{channel_id}/messages/{message_id}/reactions"
ROUTES = [
    Route("PUT", ALL_OF_MESSAGE + "/{emoji}/@me", add),
    Route("DELETE", ALL_OF_MESSAGE + "/{emoji}/@me", remove_own),
    Route("DELETE", ALL_OF_MESSAGE + "/{emoji}/{user_id}", remove),
    Route("GET", ALL_OF_MESSAGE + "/{emoji}", who),
    Route("DELETE", ALL_OF_MESSAGE + "/{emoji}", clear),
    Route("DELETE", ALL_OF_MESSAGE, clear),
]
