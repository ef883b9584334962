"""Real discord.py objects made by its own parsers from payloads as Discord sends them."""

from typing import Any

import discord

BOT, ANN, BEN = 900, 901, 902
GUILD, CHANNEL, THREAD = 100, 200, 300


def user(id_: int, name: str, *, bot: bool = False) -> dict[str, Any]:
    return {
        "id": str(id_),
        "username": name.lower(),
        "global_name": name,
        "discriminator": "0",
        "avatar": None,
        "bot": bot,
    }


def client() -> discord.Client:
    """A client that knows itself and one server, without any connection."""
    made = discord.Client(intents=discord.Intents.all())
    state = made._connection
    state.user = discord.ClientUser(state=state, data=user(BOT, "Keeper", bot=True))  # type: ignore
    state.application_id = BOT
    state._add_guild_from_data(guild())
    return made


def guild() -> Any:
    return {
        "id": str(GUILD),
        "name": "Inn",
        "owner_id": str(ANN),
        "roles": [role(GUILD, "@everyone"), role(701, "Guests"), role(702, "Keeper", bot=BOT)],
        "channels": [{"id": str(CHANNEL), "type": 0, "name": "hall", "position": 0}],
        "threads": [],
        "members": [member(user(BOT, "Keeper", bot=True))],
        "emojis": [],
        "member_count": 3,
    }


def role(id_: int, name: str, *, bot: int = 0) -> dict[str, Any]:
    made: dict[str, Any] = {"id": str(id_), "name": name, "permissions": "0", "position": 1}
    made |= {"color": 0, "colors": {"primary_color": 0}, "hoist": False, "managed": bool(bot)}
    made |= {"mentionable": True, "flags": 0}
    return made | ({"tags": {"bot_id": str(bot)}} if bot else {})


def member(data: dict[str, Any] | None = None, nick: str | None = None) -> dict[str, Any]:
    made: dict[str, Any] = {"roles": [], "joined_at": None, "deaf": False, "mute": False}
    made |= {"flags": 0, "nick": nick}
    return made | ({"user": data} if data else {})


def message(
    content: str = "", *, by: int = ANN, name: str = "Ann", id_: int = 5000, **more: Any
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": str(id_),
        "channel_id": str(CHANNEL),
        "guild_id": str(GUILD),
        "author": user(by, name),
        "member": member(),
        "content": content,
        "timestamp": "2026-08-06T12:00:00+00:00",
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "pinned": False,
        "type": 0,
    }
    return made | more


def parsed(made: discord.Client, data: dict[str, Any]) -> discord.Message:
    state = made._connection
    channel, _guild = state._get_guild_channel(data)  # type: ignore[arg-type]
    return discord.Message(state=state, channel=channel, data=data)  # type: ignore[arg-type]
