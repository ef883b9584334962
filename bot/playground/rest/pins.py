"""Pinned messages."""

from bot.playground.rest.call import Call, Route
from bot.playground.rest.messages import shown
from bot.playground.rules.errors import Json, refuse
from bot.playground.rules.permissions import Permission
from bot.playground.world.models import Channel, Message

PINS = 250


def _pinned(channel: Channel) -> list[Message]:
    pinned = [each for each in channel.messages.values() if each.pinned_at]
    return sorted(pinned, key=lambda each: each.pinned_at or "", reverse=True)


async def listed(call: Call) -> Json:
    channel = call.channel()
    limit = int(call.query.get("limit", 50))
    pinned = [
        each
        for each in _pinned(channel)
        if (each.pinned_at or "") < call.query.get("before", "9999")
    ]
    items = [{"pinned_at": each.pinned_at, "message": shown(call, each)} for each in pinned]
    return {"items": items[:limit], "has_more": len(items) > limit}


async def pin(call: Call) -> None:
    channel = call.channel(Permission.PIN_MESSAGES)
    message = call.simulation.state.message(channel, call.ids["message_id"])
    if len(_pinned(channel)) >= PINS:
        raise refuse(30003)
    call.simulation.changes.pin(channel, message, True)


async def unpin(call: Call) -> None:
    channel = call.channel(Permission.PIN_MESSAGES)
    message = call.simulation.state.message(channel, call.ids["message_id"])
    call.simulation.changes.pin(channel, message, False)


ROUTES = [
    Route("GET", "/channels/{channel_id}/messages/pins", listed),
    Route("PUT", "/channels/{channel_id}/messages/pins/{message_id}", pin),
    Route("DELETE", "/channels/{channel_id}/messages/pins/{message_id}", unpin),
]
