"""One request, taken apart, and the table row that answers it."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.playground.rules import permissions
from bot.playground.rules.errors import Json, refuse
from bot.playground.rules.permissions import Permission
from bot.playground.simulation import Simulation
from bot.playground.world.models import Channel, Upload


@dataclass(slots=True)
class Answer:
    """A status and a body; no body means 204."""

    body: Any = None
    status: int = 200


@dataclass(slots=True)
class Call:
    """What the bot asks for."""

    simulation: Simulation
    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    files: list[Upload] = field(default_factory=list)

    @property
    def bot_id(self) -> str:
        return self.simulation.state.bot.id

    def json(self) -> Json:
        """The body as an object; a request without one counts as empty."""
        return self.body if isinstance(self.body, dict) else {}

    def flag(self, name: str) -> bool:
        return self.query.get(name, "").lower() in ("1", "true")

    def channel(self, *needed: Permission, name: str = "channel_id") -> Channel:
        """The channel of the path. Raises `Refused` for an unknown one (10003), one the bot
        cannot see (50001) or where it lacks a needed permission (50013)."""
        channel = self.simulation.state.channel(self.ids[name])
        self.require(channel, *needed)
        return channel

    def require(self, channel: Channel, *needed: Permission) -> None:
        if not self.simulation.state.sees(self.bot_id, channel):
            raise refuse(50001)
        allowed = self.simulation.state.permissions(self.bot_id, channel)
        if any(each not in allowed for each in needed):
            raise refuse(50013)

    def require_in_guild(self, guild_id: str, *needed: Permission) -> None:
        """The same for a whole server."""
        guild = self.simulation.state.guild(guild_id)
        member = guild.members.get(self.bot_id)
        if member is None:
            raise refuse(50001)
        if any(each not in permissions.of_guild(guild, member) for each in needed):
            raise refuse(50013)


Handler = Callable[[Call], Awaitable[Answer | Json | list[Json] | None]]


@dataclass(frozen=True, slots=True)
class Route:
    """`{name}` in the path stands for one segment; `open` routes need no bot token."""

    method: str
    path: str
    answer: Handler
    open: bool = False

    def pattern(self) -> re.Pattern[str]:
        parts = re.split(r"\{(\w+)\}", self.path)
        text = "".join(
            f"(?P<{part}>[^/]+)" if place % 2 else re.escape(part)
            for place, part in enumerate(parts)
        )
        return re.compile(text)
