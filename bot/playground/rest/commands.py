"""Registered application commands, global and of one server."""

from bot.playground.rest.call import Answer, Call, Route
from bot.playground.rules import command_rules
from bot.playground.rules.errors import Json, invalid, refuse


def _scope(call: Call) -> str | None:
    """The server's id, or None for global commands. Raises `Refused` for another's."""
    if call.ids["application_id"] != call.simulation.state.application.id:
        raise refuse(20012)
    guild_id = call.ids.get("guild_id")
    if guild_id is not None:
        guild = call.simulation.state.guild(guild_id)
        if call.bot_id not in guild.members:
            raise refuse(50001)
    return guild_id


def _stored(call: Call) -> dict[str, Json]:
    return call.simulation.state.commands.setdefault(_scope(call), {})


def _command(call: Call) -> Json:
    if found := _stored(call).get(call.ids["command_id"]):
        return found
    raise refuse(10063)


def _clean(given: Json) -> Json:
    """Without nulls, at any depth, as Discord answers."""
    return {
        name: [_clean(each) if isinstance(each, dict) else each for each in value]
        if isinstance(value, list)
        else value
        for name, value in given.items()
        if value is not None
    }


def _finish(call: Call, given: Json, earlier: Json | None) -> Json:
    state, scope = call.simulation.state, _scope(call)
    bits = given.get("default_member_permissions")
    command = _clean(given)
    command["type"] = given.get("type") or command_rules.CHAT_INPUT
    command["description"] = given.get("description") or ""
    command |= {
        "id": earlier["id"] if earlier else state.snowflake(),
        "application_id": state.application.id,
        "version": state.snowflake(),
        "default_member_permissions": None if bits is None else str(bits),
        "nsfw": bool(given.get("nsfw")),
    }
    if scope is not None:
        command["guild_id"] = scope
    else:
        command.setdefault("dm_permission", True)
        command.setdefault("contexts", None)
        command.setdefault("integration_types", [0])
    return command


def _earlier(call: Call, given: Json) -> Json | None:
    kind = given.get("type") or command_rules.CHAT_INPUT
    for each in _stored(call).values():
        if each["name"] == given.get("name") and each["type"] == kind:
            return each
    return None


async def listed(call: Call) -> list[Json]:
    return list(_stored(call).values())


async def replace(call: Call) -> list[Json]:
    """One PUT replaces all; commands of the same name and type keep their ids."""
    if not isinstance(call.body, list):
        raise invalid((), "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
    command_rules.check_all(call.body)
    commands = [_finish(call, each, _earlier(call, each)) for each in call.body]
    stored = _stored(call)
    stored.clear()
    stored.update((each["id"], each) for each in commands)
    call.simulation.changes.commands_changed()
    return commands


async def create(call: Call) -> Answer:
    given, stored = call.json(), _stored(call)
    earlier = _earlier(call, given)
    others = [each for each in stored.values() if each is not earlier]
    command_rules.check_all([*others, given])
    command = _finish(call, given, earlier)
    stored[command["id"]] = command
    call.simulation.changes.commands_changed()
    return Answer(command, 200 if earlier else 201)


async def one(call: Call) -> Json:
    return _command(call)


async def edit(call: Call) -> Json:
    earlier = _command(call)
    changed = earlier | call.json()
    command_rules.check_all([changed])
    command = _finish(call, changed, earlier)
    _stored(call)[command["id"]] = command
    call.simulation.changes.commands_changed()
    return command


async def delete(call: Call) -> None:
    del _stored(call)[_command(call)["id"]]
    call.simulation.changes.commands_changed()


ROUTES = [
    Route(method, base + path, answer)
    for base in (
        "/applications/{application_id}/commands",
        "/applications/{application_id}/guilds/{guild_id}/commands",
    )
    for method, path, answer in (
        ("GET", "", listed),
        ("PUT", "", replace),
        ("POST", "", create),
        ("GET", "/{command_id}", one),
        ("PATCH", "/{command_id}", edit),
        ("DELETE", "/{command_id}", delete),
    )
]
