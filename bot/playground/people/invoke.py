"""What a person does with the bot: commands, menus, buttons, modals, as interactions."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from bot.playground.people import fields, options
from bot.playground.people.interactions import ANSWER_SECONDS, Interaction, Kind, new_token
from bot.playground.people.options import Impossible, Resolved
from bot.playground.rules import components as parts
from bot.playground.rules.errors import Json
from bot.playground.rules.permissions import Permission
from bot.playground.simulation import Simulation
from bot.playground.world import render
from bot.playground.world.models import Channel, Message, MessageFlag, Upload


def command(
    simulation: Simulation,
    user_id: str,
    channel: Channel,
    line: str,
    given: Mapping[str, Any],
    uploads: Sequence[Upload] = (),
) -> Interaction:
    """A slash command; `line` is its path, such as "chat start". Raises Impossible."""
    steps, resolved = _look_up(simulation, user_id, channel, line)
    filled = options.fill_in(steps[-1].get("options") or [], given, uploads, resolved)
    data = _command_data(steps, options.nest(steps, filled), resolved)
    interaction = _new(simulation, Kind.COMMAND, user_id, channel, line)
    _begin(simulation, interaction, data)
    return interaction


async def autocomplete(
    simulation: Simulation,
    user_id: str,
    channel: Channel,
    line: str,
    given: Mapping[str, Any],
    focused: str,
) -> list[Json]:
    """The choices the bot offers for one option, named in the person's language."""
    steps, resolved = _look_up(simulation, user_id, channel, line)
    specification = steps[-1].get("options") or []
    offered = [each["name"] for each in specification if each.get("autocomplete")]
    if focused not in offered:
        raise Impossible(f"The option {focused!r} has no suggestions.")
    filled = options.fill_in(specification, given, (), resolved, focused=focused)
    data = _command_data(steps, options.nest(steps, filled), resolved)
    interaction = _new(simulation, Kind.AUTOCOMPLETE, user_id, channel, line)
    interaction.choices = asyncio.get_running_loop().create_future()
    _begin(simulation, interaction, data)
    async with asyncio.timeout(ANSWER_SECONDS * 2):
        choices = await interaction.choices
    locale = simulation.state.users[user_id].locale
    return [
        {
            "name": (each.get("name_localizations") or {}).get(locale, each["name"]),
            "value": each["value"],
        }
        for each in choices
    ]


def context(
    simulation: Simulation, user_id: str, channel: Channel, name: str, target: str
) -> Interaction:
    """A context-menu command on a message, or on a user where no such message exists."""
    state = simulation.state
    on_message = target in channel.messages or target in channel.ephemeral
    found = options.find_command(state, channel, name, 3 if on_message else 2)
    options.check_use(state, user_id, channel, found)
    resolved = Resolved(state, channel, user_id)
    if on_message:
        message = state.shown(user_id, channel, target)
        resolved.data["messages"] = {target: render.message(state, message, state.bot.id)}
    else:
        resolved.user(target)
    data = {
        "id": found["id"],
        "name": found["name"],
        "type": found["type"],
        "target_id": target,
        "resolved": resolved.data,
    }
    interaction = _new(simulation, Kind.COMMAND, user_id, channel, name)
    interaction.command_type = found["type"]
    _begin(simulation, interaction, data)
    return interaction


def click(
    simulation: Simulation,
    user_id: str,
    channel: Channel,
    message_id: str,
    custom_id: str,
    values: Sequence[str] = (),
) -> Interaction:
    """A button pressed or a select menu used. Raises Impossible."""
    state = simulation.state
    message = state.shown(user_id, channel, message_id)
    component = _component(message, custom_id)
    if component.get("disabled"):
        raise Impossible("This is switched off.")
    resolved = Resolved(state, channel, user_id)
    data: Json = {
        "component_type": component["type"],
        "custom_id": custom_id,
        "id": component["id"],
    }
    if component["type"] in parts.SELECTS:
        data["values"] = fields.select(component, list(values), resolved)
        if component["type"] != parts.SELECT:
            data["resolved"] = resolved.data
    interaction = _new(simulation, Kind.COMPONENT, user_id, channel, custom_id)
    _stand_in(interaction, message)
    _begin(simulation, interaction, data, message)
    return interaction


def submit(
    simulation: Simulation,
    user_id: str,
    modal_id: str,
    values: Mapping[str, Any],
    uploads: Sequence[Upload] = (),
) -> Interaction:
    """A modal filled in and sent; `modal_id` is the interaction that opened it."""
    state = simulation.state
    opener = simulation.interactions.find(modal_id)
    if opener is None or opener.modal is None or opener.user_id != user_id:
        raise Impossible("This form is not open.")
    resolved = Resolved(state, opener.channel, user_id)
    filled = fields.fill_in(opener.modal["components"], values, uploads, resolved)
    data = {
        "custom_id": opener.modal["custom_id"],
        "components": filled,
        "resolved": resolved.data,
    }
    interaction = _new(simulation, Kind.MODAL, user_id, opener.channel, opener.label)
    interaction.opener = opener
    message = None
    if opener.message_id is not None:
        message = state.shown(user_id, opener.channel, opener.message_id)
        _stand_in(interaction, message)
    _begin(simulation, interaction, data, message)
    return interaction


def _look_up(
    simulation: Simulation, user_id: str, channel: Channel, line: str
) -> tuple[list[Json], Resolved]:
    words = line.removeprefix("/").split()
    if not words:
        raise Impossible("Which command?")
    found = options.find_command(simulation.state, channel, words[0], 1)
    options.check_use(simulation.state, user_id, channel, found)
    steps = options.walk_down(found, words[1:])
    return steps, Resolved(simulation.state, channel, user_id)


def _command_data(steps: list[Json], filled: list[Json], resolved: Resolved) -> Json:
    data: Json = {
        "id": steps[0]["id"],
        "name": steps[0]["name"],
        "type": steps[0]["type"],
        "options": filled,
    }
    if steps[0].get("guild_id"):
        data["guild_id"] = steps[0]["guild_id"]
    if resolved.data:
        data["resolved"] = resolved.data
    return data


def _component(message: Message, custom_id: str) -> Json:
    for component, _ in parts.walk(message.components):
        if component.get("custom_id") == custom_id:
            return component
    raise Impossible(f"The message has no button or menu {custom_id!r}.")


def _stand_in(interaction: Interaction, message: Message) -> None:
    interaction.message_id = message.id
    interaction.message_is_ephemeral = MessageFlag.EPHEMERAL in message.flags


def _new(
    simulation: Simulation, kind: Kind, user_id: str, channel: Channel, label: str
) -> Interaction:
    guild = simulation.state.guilds.get(channel.guild_id or "")
    if guild is not None and simulation.state.bot.id not in guild.members:
        raise Impossible("The bot is not in this server.")
    now = simulation.clock.now()
    return Interaction(
        simulation.state.snowflake(), new_token(), kind, user_id, channel, now, label
    )


def _begin(
    simulation: Simulation, interaction: Interaction, data: Json, message: Message | None = None
) -> None:
    payload = _payload(simulation, interaction, data)
    if message is not None:
        payload["message"] = render.message(simulation.state, message, simulation.state.bot.id)
    simulation.interactions.begin(interaction, payload)


def _payload(simulation: Simulation, interaction: Interaction, data: Json) -> Json:
    """INTERACTION_CREATE's body."""
    state, channel = simulation.state, interaction.channel
    user = state.users[interaction.user_id]
    allowed = state.permissions(user.id, channel)
    place = render.channel(state, channel)
    place["permissions"] = render.permissions_text(allowed)
    payload: Json = {
        "id": interaction.id,
        "application_id": state.application.id,
        "type": int(interaction.kind),
        "token": interaction.token,
        "version": 1,
        "data": data,
        "channel": place,
        "channel_id": channel.id,
        "app_permissions": _own_rights(state.permissions(state.bot.id, channel)),
        "locale": user.locale,
        "entitlements": [],
        "authorizing_integration_owners": {"0": channel.guild_id or "0"},
        "context": 1 if channel.guild_id is None else 0,
        "attachment_size_limit": 10 << 20,
    }
    if channel.guild_id is None:
        return payload | {"user": render.user(user)}
    guild = state.guilds[channel.guild_id]
    member = render.member(state, guild.members[user.id])
    member["permissions"] = render.permissions_text(allowed)
    return payload | {
        "guild_id": guild.id,
        "guild": {"id": guild.id, "locale": guild.locale, "features": []},
        "guild_locale": guild.locale,
        "member": member,
        "attachment_size_limit": render.MAX_FILE_BYTES[guild.boost_tier],
    }


def _own_rights(rights: Permission) -> str:
    """Answers to interactions may hold files and embeds wherever the command could be used."""
    always = Permission.EMBED_LINKS | Permission.ATTACH_FILES
    return render.permissions_text(rights | always)
