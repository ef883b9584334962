"""What the tests of the promises share: a fresh bot, recording servers, and words for both."""

import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest

from bot.playground.world.models import Channel
from core.backends.spec import Spec
from tests.conformance.families import FAMILIES
from tests.conformance.standin import Act, StandIn, serve
from tests.e2e.formatting.conftest import shelve
from tests.e2e.tavern.conftest import chat, check_log, checker, mira, tavern
from tests.e2e.tavern.tavern import Json, Tavern, labels, settings_for
from tests.mission.file_host import host
from tests.mission.servers import SERVERS

__all__ = ["chat", "check_log", "checker", "host", "mira", "shelve", "tavern"]

Stub = Callable[..., Awaitable[StandIn]]
Connect = Callable[..., Awaitable[StandIn]]
Lead = Callable[..., None]
KEY = "sk-test-0123456789-wxyz"
HERE = (None, "localhost", "127.0.0.1", "::1")
ELSEWHERE = "93.184.215.14"
"""What every vendor's name means."""
LORE = {"name": "Sea", "entries": {"0": {"uid": 0, "key": ["storm"], "content": "Storms drown."}}}
GREETING = "*Mira looks up.* Well met, Ann."


@pytest.fixture(autouse=True)
def lead(monkeypatch: pytest.MonkeyPatch) -> Lead:
    """Whoever connects to an address reaches a stand-in instead; all other machines are unknown.

    The bot's own look-up, its judgement of the address and the request are the real ones; only
    the last step goes elsewhere.
    """
    led: dict[tuple[str, int], str] = {}
    look_up, find = socket.getaddrinfo, aiohttp.TCPConnector._resolve_host

    def known(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        if host in HERE:
            return look_up(host, port, *rest, **more)
        if any(host == name for name, _ in led):
            return look_up(ELSEWHERE, port, *rest, **more)
        raise socket.gaierror(socket.EAI_NONAME, f"{host} is another machine")

    async def find_led(connector: Any, host: str, port: int, **more: Any) -> Any:
        if (host, port) not in led:
            return await find(connector, host, port, **more)
        url = led[host, port]
        return await find(connector, "127.0.0.1", int(url.rpartition(":")[2]), **more)

    monkeypatch.setattr(socket, "getaddrinfo", known)
    monkeypatch.setattr(aiohttp.TCPConnector, "_resolve_host", find_led)

    def to(url: str, *addresses: str) -> None:
        for address in addresses:
            host, _, port = address.partition(":")
            led[host, int(port or 80)] = url

    return to


@pytest.fixture
async def stub() -> AsyncIterator[Stub]:
    """Puts up the server of a backend: `await stub("koboldcpp")`; it lives as long as the test."""
    async with AsyncExitStack() as stack:

        async def up(backend: str, answers: Json | None = None) -> StandIn:
            protocols, side = SERVERS[backend]
            first, *more = (FAMILIES[protocol] for protocol in protocols)
            # A path is answered by the first end of it that fits: the test's own come first.
            own = answers or {}
            return await stack.enter_async_context(serve(first, {**own, **side, **own}, *more))

        yield up


@pytest.fixture
def connect(tavern: Tavern, stub: Stub) -> Connect:
    """Puts a backend to use: `await connect("openai", model="gpt-4o")` gives its server."""

    async def use(
        backend: str, answers: Json | None = None, room: Channel | None = None, **options: Any
    ) -> StandIn:
        row = row_of(tavern, backend)
        server = await stub(row.id, answers)
        await tavern.run("connect use", room=room, backend=backend, url=server.url, **options)
        if row.key.need == "required":
            await tavern.form("connect key", {"key": KEY}, room=room)
        return server

    return use


async def reconfigured(tavern: Tavern, **changes: Any) -> None:
    """The operator changes the configuration and starts the bot again."""
    folder = tavern.settings.data_dir
    tavern.settings = settings_for(tavern.playground, folder, **changes)
    await tavern.restart()


def row_of(tavern: Tavern, backend: str) -> Spec:
    return tavern.engine.models.pool.catalog.get(backend)


def without_certificates(tavern: Tavern, backend: str) -> None:
    """The vendor's addresses in plain HTTP: nobody here has its certificate."""
    row = row_of(tavern, backend)
    plain = row.model_dump_json().replace("https://", "http://")
    tavern.engine.models.pool.catalog.rows[row.id] = Spec.model_validate_json(plain)


async def talk(chat: Tavern, server: StandIn, *pieces: str, said: str = "Hello!") -> Json:
    """Ann says something and is answered by the server; the body it was sent."""
    server.acts.append(Act(pieces=pieces))
    chat.ann.send(chat.room, said)
    await chat.reply("".join(pieces).strip())
    return dict(server.bodies[-1])


async def bring(chat: Tavern, line: str, document: Any) -> None:
    """Imports a file by a command."""
    await chat.answer(line, file=0, files=[("file.json", json.dumps(document).encode())])


async def newest(chat: Tavern, words: str) -> str:
    """The newest message once it is a finished one with these words."""

    def found() -> str | None:
        shown = chat.said()[-1]
        done = words in shown["content"] and "Regenerate" in labels(shown)
        return shown["content"] if done else None

    return str(await chat.until(found))
