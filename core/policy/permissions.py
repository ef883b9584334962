"""Who may do what, decided in one place and asked by every service."""

from collections.abc import Mapping
from enum import IntEnum, StrEnum

from core.chat.place import Actor, Place
from core.errors import NotAllowed


class Level(IntEnum):
    """How much somebody may do in a server."""

    EVERYONE = 0
    MANAGER = 1
    OWNER = 2


class Action(StrEnum):
    """What can be done, as far as people differ in being allowed to."""

    SPEAK = "speak"
    STEER_REPLY = "steer the reply"
    SWITCH_CHAT = "switch the chat"
    CLEAR_CHAT = "clear the chat"
    SEE_PROMPT = "see the prompt"
    MANAGE_CONNECTIONS = "manage connections"
    SET_OPTIONS = "set options"
    ADD_CHARACTERS = "add characters"
    CHANGE_CHARACTERS = "change other people's characters"
    ADD_LOREBOOKS = "add lorebooks"
    CHANGE_LOREBOOKS = "change other people's lorebooks"
    BIND_LOREBOOKS = "bind lorebooks"
    MANAGE_PRESETS = "manage presets"
    SET_EVERYWHERE = "set for every server"


Policy = Mapping[Action, Level]

DEFAULT: Policy = {
    Action.SPEAK: Level.EVERYONE,
    Action.STEER_REPLY: Level.EVERYONE,
    Action.SWITCH_CHAT: Level.MANAGER,
    Action.CLEAR_CHAT: Level.MANAGER,
    Action.SEE_PROMPT: Level.MANAGER,
    Action.MANAGE_CONNECTIONS: Level.MANAGER,
    Action.SET_OPTIONS: Level.MANAGER,
    Action.ADD_CHARACTERS: Level.EVERYONE,
    Action.CHANGE_CHARACTERS: Level.MANAGER,
    Action.ADD_LOREBOOKS: Level.EVERYONE,
    Action.CHANGE_LOREBOOKS: Level.MANAGER,
    Action.BIND_LOREBOOKS: Level.MANAGER,
    Action.MANAGE_PRESETS: Level.MANAGER,
    Action.SET_EVERYWHERE: Level.OWNER,
}


def level(actor: Actor, place: Place) -> Level:
    """How much the person may do here. A direct message belongs to its person."""
    if actor.owner:
        return Level.OWNER
    own = place.guild_id is None and place.person_id == actor.id
    return Level.MANAGER if actor.manager or own else Level.EVERYONE


def allowed(actor: Actor, action: Action, place: Place, policy: Policy = DEFAULT) -> bool:
    """Whether the person may do it here. What a policy leaves out is as in `DEFAULT`."""
    return level(actor, place) >= policy.get(action, DEFAULT[action])


def demand(actor: Actor, action: Action, place: Place, policy: Policy = DEFAULT) -> None:
    """Raises NotAllowed (what, needs) unless the person may do it here."""
    if not allowed(actor, action, place, policy):
        needed = policy.get(action, DEFAULT[action])
        raise NotAllowed(what=action.value, needs=needed.name.lower())
