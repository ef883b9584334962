"""When the bot is removed from a server, its keys go at once."""

import asyncio

from core.chat.place import Owner, OwnerKind
from core.secret import Secret
from core.storage.connections import Connection
from tests.e2e.tavern.tavern import Tavern


async def test_keys_of_a_server_go_with_it(tavern: Tavern) -> None:
    guild = next(iter(tavern.playground.state.guilds.values()))
    owner = Owner(OwnerKind.SERVER, int(guild.id))
    storage = tavern.engine.services.storage
    key = Secret("canary-key-1234")
    await storage.connections.put(owner, Connection(name="x", backend="openai", key=key))
    removed = asyncio.ensure_future(tavern.bot.wait_for("guild_remove", timeout=10))
    await asyncio.sleep(0)
    tavern.playground.simulation.changes.leave(guild)
    await removed
    async with storage.database.write():
        pass  # writes take turns: the bot's own, begun before, is done now
    assert await storage.connections.list(owner) == []
