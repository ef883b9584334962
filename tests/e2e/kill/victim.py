"""Starts the bot as a process of its own, kills it, and prepares what it finds."""

import asyncio
import json
import multiprocessing
import os
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from bot.playground import Playground
from bot.playground.world.models import Channel
from core.chat.place import Actor, Place, Scope
from core.engine import Engine
from core.options.table import CHAT_BURST_SECONDS, REPLY_LENGTH, Option
from core.settings import Settings, load_settings
from tests.e2e.kill.process import run
from tests.e2e.tavern.cards import document

# Where the system can, processes are forked from one that has imported everything.
_processes: "ForkServerContext | SpawnContext" = (
    multiprocessing.get_context("forkserver")
    if "forkserver" in multiprocessing.get_all_start_methods()
    else multiprocessing.get_context("spawn")
)
_processes.set_forkserver_preload(["tests.e2e.kill.process"])

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, SpawnContext

ROOMS = ("tavern", "campfire", "docks")
HOST = Actor(1, "host", manager=True, owner=True)


class Victim:
    """One bot, many processes on the same database."""

    def __init__(self, playground: Playground, folder: Path) -> None:
        self.playground = playground
        self.folder = folder
        self.config = folder / "config.yaml"
        self.config.write_text(yaml.safe_dump(_configuration(playground, folder)))
        self.process: BaseProcess | None = None
        self.output = folder / "output.txt"

    @property
    def settings(self) -> Settings:
        return load_settings(self.config, {})

    @property
    def database(self) -> Path:
        return self.folder / "tavern.db"

    def rooms(self) -> list[Channel]:
        return [self.playground.channel(name) for name in ROOMS]

    async def prepare(self) -> None:
        """A character who answers every message in every room."""
        async with Engine.open(self.settings) as engine:
            place = Place(channel_id=1, guild_id=1)
            chosen: dict[Option[Any], float] = {CHAT_BURST_SECONDS: 0.05, REPLY_LENGTH: 3000}
            for option, value in chosen.items():
                await engine.services.options.set(HOST, place, option, value, Scope.EVERYWHERE)
            card = json.dumps(document("Mira", first_mes="")).encode()
            known: dict[int | None, int] = {}
            for room in self.rooms():
                place = place_of(room)
                if place.guild_id not in known:
                    stored, _ = await engine.services.characters.import_file(
                        HOST, place, card, "mira.json"
                    )
                    known[place.guild_id] = stored.id
                await engine.start(place, HOST, [known[place.guild_id]], "every")
                await engine.services.storage.stories.mark_seen(place, int(room.id))

    async def start(self) -> None:
        """A new process; returns at once."""
        self.output.touch()
        arguments = (str(self.config), str(self.output))
        self.process = _processes.Process(target=run, args=arguments)
        await asyncio.to_thread(self.process.start)

    async def online(self, within: float = 30.0) -> None:
        """Waits until the process is connected."""
        process = self.process
        assert process is not None
        gateway = self.playground.gateway
        async with asyncio.timeout(within):
            while not gateway.online:
                assert process.is_alive(), self.output.read_text()
                await asyncio.sleep(0.01)

    async def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.kill()
        await asyncio.to_thread(self.process.join)
        await self.playground.wait_for(lambda: not self.playground.gateway.online or None)

    async def end(self) -> int | None:
        """SIGTERM; the exit status, None where it does not end."""
        assert self.process is not None
        self.process.terminate()
        await asyncio.to_thread(self.process.join, 30)
        return self.process.exitcode

    async def __aenter__(self) -> "Victim":
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.process is not None:
            self.process.kill()
            await asyncio.to_thread(self.process.join)


def clean_environment() -> dict[str, str]:
    """This process's, without variables that speak to the tests or set the bot up."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TAVERN_")}


def place_of(room: Channel) -> Place:
    """The room as the core names it."""
    guild, category = room.guild_id, room.parent_id
    assert guild is not None
    return Place(int(room.id), int(guild), int(category) if category else None)


def _configuration(playground: Playground, folder: Path) -> dict[str, object]:
    return {
        "discord": {
            "token": playground.token,
            "api_url": playground.api_url,
            "gateway_url": playground.gateway_url,
            "cdn_url": playground.cdn_url,
        },
        "data_dir": str(folder),
        "enableDownloadableTokenizers": False,
        "connections": [{"name": "rehearsal", "backend": "rehearsal", "default": True}],
        "limits": {"turns_per_person": 0, "turns_per_server": 0},
    }
