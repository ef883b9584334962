"""When the bot is removed from a server, its keys go at once."""

import asyncio

from core.backends.secret import Secret
from core.chat.place import Owner, OwnerKind
from core.storage.connections import Connection
from tests.e2e.tavern.tavern import Tavern


async def test_keys_of_a_server_go_with_it(tavern: Tavern) -> None:
    guild = next(iter(tavern.playground.state.guilds.values()))
    owner = Owner(OwnerKind.SERVER, int(guild.id))
    store = tavern.engine.storage.connections
    await store.put(owner, Connection(name="x", backend="openai", key=Secret("canary-key-1234")))
    tavern.playground.simulation.changes.leave(guild)
    await tavern.playground.wait_for(lambda: not tavern.bot.guilds or None)
    async with asyncio.timeout(10):
        while await store.list(owner):
            await asyncio.sleep(0.01)
