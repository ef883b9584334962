"""Single channels: read, change, delete, and their permission overwrites."""

from bot.playground.rest.call import Call, Route
from bot.playground.rules.errors import Json, refuse
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
from bot.playground.world.models import Channel, Overwrite


async def one(call: Call) -> Json:
    return render.channel(call.simulation.state, call.channel())


async def edit(call: Call) -> Json:
    channel, body = call.channel(), call.json()
    if channel.guild_id is None:
        raise refuse(50003)
    fields = {
        "name": text(100, 1),
        "topic": text(1024),
        "nsfw": boolean,
        "rate_limit_per_user": number(0, 21_600),
        "parent_id": snowflake,
        "archived": boolean,
        "locked": boolean,
        "auto_archive_duration": one_of(60, 1440, 4320, 10_080),
        "applied_tags": listing(snowflake, 5),
    }
    demand(record(fields), body)
    if channel.thread:
        _edit_thread(call, channel, body)
    else:
        _edit_channel(call, channel, body)
    call.simulation.changes.channel_updated(channel)
    return render.channel(call.simulation.state, channel)


def _edit_channel(call: Call, channel: Channel, body: Json) -> None:
    call.require(channel, Permission.MANAGE_CHANNELS)
    channel.name = body.get("name") or channel.name
    if "topic" in body:
        channel.topic = body["topic"]
    if body.get("nsfw") is not None:
        channel.nsfw = body["nsfw"]
    if body.get("rate_limit_per_user") is not None:
        channel.slowmode = body["rate_limit_per_user"]
    if "parent_id" in body:
        channel.parent_id = str(body["parent_id"]) if body["parent_id"] else None
    if body.get("permission_overwrites") is not None:
        call.require(channel, Permission.MANAGE_ROLES)
        channel.overwrites = {
            str(each["id"]): _read(each) for each in body["permission_overwrites"]
        }


def _read(given: Json) -> Overwrite:
    return Overwrite(
        str(given["id"]), given["type"], int(given.get("allow") or 0), int(given.get("deny") or 0)
    )


def _edit_thread(call: Call, channel: Channel, body: Json) -> None:
    assert channel.thread is not None
    manages = Permission.MANAGE_THREADS in call.simulation.state.permissions(call.bot_id, channel)
    if not manages and (channel.thread.owner_id != call.bot_id or "locked" in body):
        raise refuse(50013)
    if channel.thread.archived and body.get("archived") is not False:
        raise refuse(50083)
    channel.name = body.get("name") or channel.name
    duration = body.get("auto_archive_duration")
    channel.thread.auto_archive_duration = duration or channel.thread.auto_archive_duration
    if body.get("rate_limit_per_user") is not None:
        channel.slowmode = body["rate_limit_per_user"]
    if body.get("applied_tags") is not None:
        channel.thread.applied_tags = [str(each) for each in body["applied_tags"]]
    if body.get("archived") is not None:
        channel.thread.archived = body["archived"]
    if body.get("locked") is not None:
        channel.thread.locked = body["locked"]


async def delete(call: Call) -> Json:
    channel = call.channel()
    if channel.guild_id is not None:
        needed = Permission.MANAGE_THREADS if channel.thread else Permission.MANAGE_CHANNELS
        call.require(channel, needed)
        call.simulation.changes.delete_channel(channel)
    return render.channel(call.simulation.state, channel)


async def set_permission(call: Call) -> None:
    channel, body = call.channel(Permission.MANAGE_ROLES), call.json()
    demand(record({"type": one_of(0, 1)}, ("type",)), body)
    call.simulation.changes.overwrite(
        channel,
        call.ids["target_id"],
        body["type"],
        int(body.get("allow") or 0),
        int(body.get("deny") or 0),
    )


ROUTES = [
    Route("GET", "/channels/{channel_id}", one),
    Route("PATCH", "/channels/{channel_id}", edit),
    Route("DELETE", "/channels/{channel_id}", delete),
    Route("PUT", "/channels/{channel_id}/permissions/{target_id}", set_permission),
]
