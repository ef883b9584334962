"""Servers, their channels and members."""

from datetime import datetime

from bot.playground.rest.call import Answer, Call, Route
from bot.playground.rules import permissions
from bot.playground.rules.errors import Json, refuse
from bot.playground.rules.permissions import Permission
from bot.playground.rules.schema import (
    boolean,
    demand,
    listing,
    moment,
    number,
    one_of,
    record,
    snowflake,
    text,
)
from bot.playground.world import render
from bot.playground.world.models import ChannelType, Guild


def _guild(call: Call) -> Guild:
    guild = call.simulation.state.guild(call.ids["guild_id"])
    if call.bot_id not in guild.members:
        raise refuse(50001)
    return guild


async def one(call: Call) -> Json:
    guild = _guild(call)
    rendered = render.guild(call.simulation.state, guild)
    if call.flag("with_counts"):
        rendered["approximate_member_count"] = len(guild.members)
        rendered["approximate_presence_count"] = len(guild.members)
    return rendered


async def channels(call: Call) -> list[Json]:
    state, guild = call.simulation.state, _guild(call)
    return [
        render.channel(state, each)
        for each in state.channels.values()
        if each.guild_id == guild.id and not each.thread
    ]


async def create_channel(call: Call) -> Answer:
    state, guild, body = call.simulation.state, _guild(call), call.json()
    call.require_in_guild(guild.id, Permission.MANAGE_CHANNELS)
    kinds = one_of(*(int(each) for each in ChannelType if each != ChannelType.DM))
    fields = {
        "name": text(100, 1),
        "type": kinds,
        "topic": text(1024),
        "nsfw": boolean,
        "parent_id": snowflake,
    }
    demand(record(fields, ("name",)), body)
    channel = state.add_channel(
        guild,
        body["name"],
        ChannelType(body.get("type") or 0),
        parent_id=body.get("parent_id"),
        topic=body.get("topic"),
        nsfw=bool(body.get("nsfw")),
    )
    call.simulation.changes.channel_created(channel)
    return Answer(render.channel(state, channel), 201)


async def active_threads(call: Call) -> Json:
    state, guild = call.simulation.state, _guild(call)
    threads = [
        each
        for each in state.threads_of(guild.id)
        if each.thread and not each.thread.archived and state.sees(call.bot_id, each)
    ]
    joined = [
        render.thread_member(each, call.bot_id)
        for each in threads
        if each.thread and call.bot_id in each.thread.member_ids
    ]
    listed = [render.channel(state, each) for each in threads]
    return {"threads": listed, "members": joined, "has_more": False}


async def roles(call: Call) -> list[Json]:
    return [render.role(each) for each in _guild(call).roles.values()]


async def member(call: Call) -> Json:
    state, guild = call.simulation.state, _guild(call)
    return render.member(state, state.member(guild.id, call.ids["user_id"]))


async def edit_own_member(call: Call) -> Json:
    """The bot's nickname and avatar in one server."""
    state, guild, body = call.simulation.state, _guild(call), call.json()
    demand(record({"nick": text(32), "avatar": text(15_000_000), "bio": text(190)}), body)
    own = state.member(guild.id, call.bot_id)
    if "nick" in body:
        call.require_in_guild(guild.id, Permission.CHANGE_NICKNAME)
        own.nick = body["nick"] or None
    if "avatar" in body:
        own.avatar = (
            state.files.keep_avatar(own.user_id, body["avatar"]) if body["avatar"] else None
        )
    call.simulation.changes.member_updated(guild, own.user_id)
    granted = permissions.of_guild(guild, own)
    return render.member(state, own) | {"permissions": render.permissions_text(granted)}


async def edit_member(call: Call) -> Json:
    state, guild, body = call.simulation.state, _guild(call), call.json()
    fields = {
        "nick": text(32),
        "roles": listing(snowflake, 250),
        "mute": boolean,
        "deaf": boolean,
        "communication_disabled_until": moment,
        "flags": number(0, 2**31),
    }
    demand(record(fields), body)
    one = state.member(guild.id, call.ids["user_id"])
    if "nick" in body:
        call.require_in_guild(guild.id, Permission.MANAGE_NICKNAMES)
        one.nick = body["nick"] or None
    if "roles" in body:
        call.require_in_guild(guild.id, Permission.MANAGE_ROLES)
        one.roles = [str(each) for each in body["roles"] or []]
    if "communication_disabled_until" in body:
        call.require_in_guild(guild.id, Permission.MODERATE_MEMBERS)
        until = body["communication_disabled_until"]
        one.timed_out_until = datetime.fromisoformat(until).timestamp() if until else 0.0
    call.simulation.changes.member_updated(guild, one.user_id)
    return render.member(state, one)


async def remove_member(call: Call) -> None:
    guild = _guild(call)
    call.require_in_guild(guild.id, Permission.KICK_MEMBERS)
    call.simulation.state.member(guild.id, call.ids["user_id"])
    del guild.members[call.ids["user_id"]]


ROUTES = [
    Route("GET", "/guilds/{guild_id}", one),
    Route("GET", "/guilds/{guild_id}/channels", channels),
    Route("POST", "/guilds/{guild_id}/channels", create_channel),
    Route("GET", "/guilds/{guild_id}/threads/active", active_threads),
    Route("GET", "/guilds/{guild_id}/roles", roles),
    Route("PATCH", "/guilds/{guild_id}/members/@me", edit_own_member),
    Route("GET", "/guilds/{guild_id}/members/{user_id}", member),
    Route("PATCH", "/guilds/{guild_id}/members/{user_id}", edit_member),
    Route("DELETE", "/guilds/{guild_id}/members/{user_id}", remove_member),
]
