"""Slash-command lines: finds the command, checks the options as Discord's client does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from bot.playground.rules.errors import Json
from bot.playground.rules.permissions import Permission
from bot.playground.world import render
from bot.playground.world.models import Channel, Upload
from bot.playground.world.state import State


class Impossible(Exception):
    """Something Discord's client would not let a person do; the text says why."""


class Option(IntEnum):
    """The types of a command's options."""

    SUB_COMMAND = 1
    SUB_COMMAND_GROUP = 2
    STRING = 3
    INTEGER = 4
    BOOLEAN = 5
    USER = 6
    CHANNEL = 7
    ROLE = 8
    MENTIONABLE = 9
    NUMBER = 10
    ATTACHMENT = 11


@dataclass(slots=True)
class Resolved:
    """The objects behind ids in an interaction."""

    state: State
    channel: Channel
    user_id: str
    data: Json = field(default_factory=dict)

    def user(self, user_id: str) -> None:
        person = self.state.users.get(user_id)
        if person is None:
            raise Impossible(f"There is no user {user_id}.")
        self.data.setdefault("users", {})[user_id] = render.user(person)
        guild = self.state.guilds.get(self.channel.guild_id or "")
        if guild and user_id in guild.members:
            shown = render.member(self.state, guild.members[user_id], with_user=False)
            allowed = self.state.permissions(user_id, self.channel)
            shown["permissions"] = render.permissions_text(allowed)
            self.data.setdefault("members", {})[user_id] = shown

    def role(self, role_id: str) -> None:
        guild = self.state.guilds.get(self.channel.guild_id or "")
        if guild is None or role_id not in guild.roles:
            raise Impossible(f"There is no role {role_id}.")
        self.data.setdefault("roles", {})[role_id] = render.role(guild.roles[role_id])

    def place(self, channel_id: str) -> None:
        channel = self.state.channels.get(channel_id)
        if channel is None or not self.state.sees(self.user_id, channel):
            raise Impossible(f"There is no channel {channel_id}.")
        allowed = self.state.permissions(self.user_id, channel)
        shown = render.channel(self.state, channel)
        shown["permissions"] = render.permissions_text(allowed)
        self.data.setdefault("channels", {})[channel_id] = shown

    def attachment(self, upload: Upload) -> str:
        kept = self.state.files.attach(self.state.snowflake(), upload, ephemeral=True)
        shown = render.attachment(self.state, self.channel.id, kept)
        self.data.setdefault("attachments", {})[kept.id] = shown
        return kept.id

    def mentionable(self, snowflake: str) -> None:
        if snowflake in self.state.users:
            self.user(snowflake)
        else:
            self.role(snowflake)


def find_command(state: State, channel: Channel, name: str, kind: int) -> Json:
    """The registered command of a name; a server's own wins. Raises Impossible."""
    for scope in (channel.guild_id, None):
        for command in state.commands.get(scope, {}).values():
            if command["name"] == name and command["type"] == kind:
                return command
    raise Impossible(f"There is no command named {name!r}.")


def check_use(state: State, user_id: str, channel: Channel, command: Json) -> None:
    """Whether the person may use the command here. Raises Impossible."""
    allowed = state.permissions(user_id, channel)
    if Permission.USE_APPLICATION_COMMANDS not in allowed or not state.sees(user_id, channel):
        raise Impossible("You may not use commands in this channel.")
    contexts = command.get("contexts")
    here = 1 if channel.guild_id is None else 0
    if contexts is not None and here not in contexts:
        raise Impossible(f"/{command['name']} does not exist here.")
    if here == 1 and command.get("dm_permission") is False:
        raise Impossible(f"/{command['name']} works only in a server.")
    bits = command.get("default_member_permissions")
    if bits is not None and channel.guild_id is not None:
        needed = Permission(int(bits)) or Permission.ADMINISTRATOR
        if needed not in allowed:
            raise Impossible(f"You may not use /{command['name']}.")
    if command.get("nsfw") and channel.guild_id and not state.is_adult(channel):
        raise Impossible(f"/{command['name']} works only in age-restricted channels.")


def walk_down(command: Json, path: Sequence[str]) -> list[Json]:
    """The command and its sub-commands along a path. Raises Impossible for a wrong one."""
    steps = [command]
    for name in path:
        children = {
            each["name"]: each
            for each in steps[-1].get("options") or []
            if each["type"] in (Option.SUB_COMMAND, Option.SUB_COMMAND_GROUP)
        }
        if name not in children:
            raise Impossible(f"/{command['name']} has no sub-command {name!r}.")
        steps.append(children[name])
    nested = (Option.SUB_COMMAND, Option.SUB_COMMAND_GROUP)
    if any(each["type"] in nested for each in steps[-1].get("options") or []):
        raise Impossible(f"/{command['name']} needs a sub-command.")
    return steps


def nest(steps: list[Json], options: list[Json]) -> list[Json]:
    """Wraps filled-in options in the sub-commands that lead to them."""
    for step in reversed(steps[1:]):
        options = [{"type": step["type"], "name": step["name"], "options": options}]
    return options


def fill_in(
    specification: list[Json],
    given: Mapping[str, Any],
    uploads: Sequence[Upload],
    resolved: Resolved,
    *,
    focused: str | None = None,
) -> list[Json]:
    """The options of an interaction. With `focused` nothing is required, as in autocomplete.

    Raises Impossible for a missing, unknown or unfit option.
    """
    known = {each["name"] for each in specification}
    if unknown := [name for name in given if name not in known]:
        raise Impossible(f"The command has no option {unknown[0]!r}.")
    filled = []
    for option in specification:
        name = option["name"]
        if name == focused:
            value = str(given.get(name) or "")
            filled.append({"type": option["type"], "name": name, "value": value, "focused": True})
        elif given.get(name) is not None:
            value = _value(option, given[name], uploads, resolved)
            filled.append({"type": option["type"], "name": name, "value": value})
        elif option.get("required") and focused is None:
            raise Impossible(f"The option {name!r} is required.")
    return filled


def _value(option: Json, given: Any, uploads: Sequence[Upload], resolved: Resolved) -> Any:
    kind, name = option["type"], option["name"]
    if kind == Option.STRING:
        return _text(option, str(given))
    if kind in (Option.INTEGER, Option.NUMBER):
        return _number(option, given)
    if kind == Option.BOOLEAN:
        return given if isinstance(given, bool) else str(given).lower() == "true"
    if kind == Option.ATTACHMENT:
        for upload in uploads:
            if upload.field == f"files[{given}]":
                return resolved.attachment(upload)
        raise Impossible(f"The option {name!r} needs a file.")
    {
        Option.USER: resolved.user,
        Option.CHANNEL: resolved.place,
        Option.ROLE: resolved.role,
        Option.MENTIONABLE: resolved.mentionable,
    }[Option(kind)](str(given))
    if kind == Option.CHANNEL:
        found = resolved.data["channels"][str(given)]["type"]
        if found not in (option.get("channel_types") or [found]):
            raise Impossible(f"The option {name!r} does not take this kind of channel.")
    return str(given)


def _text(option: Json, text: str) -> str:
    _chosen(option, text)
    least, most = option.get("min_length", 0), option.get("max_length", 6000)
    if not least <= len(text) <= most:
        raise Impossible(f"The option {option['name']!r} takes {least} to {most} characters.")
    return text


def _number(option: Json, given: Any) -> int | float:
    whole = option["type"] == Option.INTEGER
    try:
        number = int(str(given)) if whole else float(given)
    except (TypeError, ValueError):
        raise Impossible(f"The option {option['name']!r} takes a number.") from None
    _chosen(option, number)
    least, most = option.get("min_value", -(2**53)), option.get("max_value", 2**53)
    if not least <= number <= most:
        raise Impossible(f"The option {option['name']!r} takes {least} to {most}.")
    return number


def _chosen(option: Json, value: str | float) -> None:
    choices = [each["value"] for each in option.get("choices") or []]
    if choices and value not in choices:
        raise Impossible(f"The option {option['name']!r} takes one of: {choices}.")
