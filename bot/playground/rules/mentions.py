"""Who a text pings, given what the sender allows and may do."""

import re
from dataclasses import dataclass, field

from bot.playground.rules.errors import Json
from bot.playground.rules.permissions import Permission
from bot.playground.world.models import Channel
from bot.playground.world.state import State

EVERYTHING = frozenset({"everyone", "roles", "users"})
USERS_ONLY = frozenset({"users"})


@dataclass(slots=True)
class Mentions:
    users: list[str] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    everyone: bool = False


@dataclass(frozen=True, slots=True)
class Allowed:
    """`allowed_mentions`, or what Discord assumes where a body has none."""

    parse: frozenset[str]
    users: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    replied_user: bool = True

    @classmethod
    def read(cls, body: Json | None, default: frozenset[str]) -> "Allowed":
        if body is None:
            return cls(default)
        return cls(
            frozenset(body.get("parse") or ()),
            frozenset(map(str, body.get("users") or ())),
            frozenset(map(str, body.get("roles") or ())),
            bool(body.get("replied_user")),
        )


def find(
    state: State, channel: Channel, content: str, allowed: Allowed, sender: Permission
) -> Mentions:
    """The people, roles and "everyone" a text pings."""
    mentions = Mentions()
    for user_id in dict.fromkeys(re.findall(r"<@!?(\d+)>", content)):
        wanted = "users" in allowed.parse or user_id in allowed.users
        if wanted and user_id in state.users:
            mentions.users.append(user_id)
    if channel.guild_id is None:
        return mentions
    may_ping = Permission.MENTION_EVERYONE in sender
    roles = state.guilds[channel.guild_id].roles
    for role_id in dict.fromkeys(re.findall(r"<@&(\d+)>", content)):
        wanted = "roles" in allowed.parse or role_id in allowed.roles
        if wanted and role_id in roles and (may_ping or roles[role_id].mentionable):
            mentions.roles.append(role_id)
    called = re.search("@(everyone|here)", content) is not None
    mentions.everyone = called and may_ping and "everyone" in allowed.parse
    return mentions
