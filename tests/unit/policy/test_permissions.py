"""Who may do what."""

import pytest

from core.chat.place import Actor, Place
from core.errors import NotAllowed
from core.policy.permissions import DEFAULT, Action, Level, allowed, demand

SERVER = Place(channel_id=1, guild_id=2)
MEMBER, MANAGER = Actor(7, "Ann"), Actor(8, "Bob", manager=True)
OWNER = Actor(9, "Eve", owner=True)


def test_every_action_has_a_level() -> None:
    assert set(DEFAULT) == set(Action)


@pytest.mark.parametrize("action", Action)
def test_levels(action: Action) -> None:
    needed = DEFAULT[action]
    assert allowed(MEMBER, action, SERVER) == (needed is Level.EVERYONE)
    assert allowed(MANAGER, action, SERVER) == (needed <= Level.MANAGER)
    assert allowed(OWNER, action, SERVER)


def test_keys_are_for_those_who_manage_the_server() -> None:
    with pytest.raises(NotAllowed) as caught:
        demand(MEMBER, Action.MANAGE_CONNECTIONS, SERVER)
    assert caught.value.facts["needs"] == "manager"
    demand(MANAGER, Action.MANAGE_CONNECTIONS, SERVER)


def test_everybody_manages_their_own_messages_and_nobody_elses() -> None:
    direct = Place(channel_id=5, person_id=MEMBER.id)
    assert allowed(MEMBER, Action.MANAGE_CONNECTIONS, direct)
    assert not allowed(MEMBER, Action.SET_EVERYWHERE, direct)
    assert not allowed(Actor(10, "Mallory"), Action.MANAGE_CONNECTIONS, direct)


def test_a_policy_can_change_levels() -> None:
    open_house = {Action.SWITCH_CHAT: Level.EVERYONE, Action.ADD_CHARACTERS: Level.MANAGER}
    assert allowed(MEMBER, Action.SWITCH_CHAT, SERVER, open_house)
    assert not allowed(MEMBER, Action.ADD_CHARACTERS, SERVER, open_house)
    assert not allowed(MEMBER, Action.MANAGE_CONNECTIONS, SERVER, open_house)
