"""Whom a text pings."""

import pytest

from bot.playground.rules.limits import OFF
from bot.playground.rules.mentions import EVERYTHING, USERS_ONLY, Allowed, find
from bot.playground.rules.permissions import ALL, NONE, Permission, named
from bot.playground.simulation import Simulation, assemble
from bot.playground.world.models import Channel
from bot.playground.world.world import ANN_ID, BEN_ID, BOT_ID, tavern


@pytest.fixture
def simulation() -> Simulation:
    made = assemble(bot_name="Keeper", bot_id=BOT_ID, profile=OFF, log_file=None, heartbeat=40)
    tavern(made.state)
    return made


@pytest.fixture
def room(simulation: Simulation) -> Channel:
    return next(each for each in simulation.state.channels.values() if each.name == "tavern")


TEXT = f"@everyone <@{ANN_ID}> <@!{BEN_ID}> <@1> <@{ANN_ID}>"


def test_without_a_field_everything_pings(simulation: Simulation, room: Channel) -> None:
    found = find(simulation.state, room, TEXT, Allowed.read(None, EVERYTHING), ALL)
    assert found.users == [ANN_ID, BEN_ID]
    assert found.everyone


def test_everyone_needs_the_permission(simulation: Simulation, room: Channel) -> None:
    found = find(simulation.state, room, TEXT, Allowed.read(None, EVERYTHING), NONE)
    assert not found.everyone
    webhook = find(simulation.state, room, TEXT, Allowed.read(None, USERS_ONLY), ALL)
    assert not webhook.everyone
    assert webhook.users == [ANN_ID, BEN_ID]


def test_an_empty_list_pings_nobody(simulation: Simulation, room: Channel) -> None:
    found = find(simulation.state, room, TEXT, Allowed.read({"parse": []}, EVERYTHING), ALL)
    assert (found.users, found.roles, found.everyone) == ([], [], False)


def test_named_people_and_roles(simulation: Simulation, room: Channel) -> None:
    guild = simulation.state.guilds[str(room.guild_id)]
    role_id = next(each for each in guild.roles if each != guild.id)
    text = f"{TEXT} <@&{role_id}>"
    allowed = Allowed.read({"parse": [], "users": [BEN_ID], "roles": [role_id]}, EVERYTHING)
    found = find(simulation.state, room, text, allowed, Permission.MENTION_EVERYONE)
    assert (found.users, found.roles, found.everyone) == ([BEN_ID], [role_id], False)
    unable = find(simulation.state, room, text, allowed, NONE)
    assert unable.roles == []
    guild.roles[role_id].mentionable = True
    assert find(simulation.state, room, text, allowed, NONE).roles == [role_id]


def test_permissions_have_names() -> None:
    assert named(["manage_webhooks", "SEND_MESSAGES"]) == (
        Permission.MANAGE_WEBHOOKS | Permission.SEND_MESSAGES
    )
    assert named("2048") == named(2048) == named("send_messages")
    with pytest.raises(KeyError):
        named(["fly"])
