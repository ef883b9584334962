"""The world a newcomer finds: one server with a few channels, two people and the bot.

Its ids are fixed, so what a bot remembers of a channel still fits after a restart.
"""

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from bot.playground.rules import permissions
from bot.playground.world.models import ChannelType, Guild, Role
from bot.playground.world.snowflake import at
from bot.playground.world.state import State

World = Callable[[State], None]

_OPENED = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
BOT_ID = str(at(_OPENED) + 1)
ANN_ID = str(at(_OPENED + 60))
BEN_ID = str(at(_OPENED + 120))


def tavern(state: State) -> None:
    """The server "The Tavern", owned by Ann."""
    ann = state.add_user("Ann", snowflake=ANN_ID)
    state.add_user("Ben", snowflake=BEN_ID)
    state.application.owner_id = ann.id
    state.bot.avatar = state.files.keep_avatar(state.bot.id, _face())
    ids = count(at(_OPENED + 180))
    guild = add_guild(state, "The Tavern", ann.id, snowflake=str(next(ids)))
    hall = state.add_channel(guild, "Hall", ChannelType.CATEGORY, snowflake=str(next(ids)))
    for name, topic in (
        ("welcome", "Start here."),
        ("tavern", "Talk with whoever sits at the bar."),
        ("campfire", "For stories with several characters."),
    ):
        channel = state.add_channel(
            guild, name, snowflake=str(next(ids)), parent_id=hall.id, topic=topic
        )
        if name == "tavern":
            state.start_channel = channel.id
    state.add_channel(
        guild, "cellar", snowflake=str(next(ids)), topic="For adults only.", nsfw=True
    )
    state.add_channel(guild, "tales", ChannelType.FORUM, snowflake=str(next(ids)))
    state.add_channel(guild, "Fireside", ChannelType.VOICE, snowflake=str(next(ids)))


def _face() -> str:
    """The bot's picture as a data address."""
    data = (Path(__file__).parents[1] / "avatar.png").read_bytes()
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


def two_servers(state: State) -> None:
    """The Tavern, and a second server of Ben's where Ann is a guest."""
    tavern(state)
    guild = add_guild(state, "The Harbour", BEN_ID)
    state.add_channel(guild, "docks")


def add_guild(state: State, name: str, owner_id: str, *, snowflake: str | None = None) -> Guild:
    """A server with everyone known so far in it and the bot in its own role."""
    guild = Guild(snowflake or state.snowflake(), name, owner_id)
    guild.roles[guild.id] = Role(guild.id, "@everyone", int(permissions.EVERYONE))
    role_id = str(int(guild.id) + 1_000_000)
    guild.roles[role_id] = Role(
        role_id, state.bot.name, int(permissions.INVITED), position=1, bot_id=state.bot.id
    )
    state.guilds[guild.id] = guild
    for user in state.users.values():
        roles = (role_id,) if user.id == state.bot.id else ()
        state.add_member(guild, user, *roles)
    return guild
