"""The stand-in as one object: a local Discord server that opens, can be driven, and closes."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from aiohttp import web

from bot.playground.faults import Fault
from bot.playground.gateway.gateway import Gateway
from bot.playground.log import RequestLog
from bot.playground.page import Page
from bot.playground.people.person import Person
from bot.playground.rest import Api
from bot.playground.rules import limits as rate_limits
from bot.playground.rules.errors import Json
from bot.playground.simulation import Simulation, assemble
from bot.playground.world import render
from bot.playground.world.cdn import Cdn
from bot.playground.world.models import Channel
from bot.playground.world.state import State
from bot.playground.world.world import BOT_ID, World, tavern

T = TypeVar("T")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LOOPBACK = "127.0.0.1"
# Host names by which requests may arrive: loopback, and Discord's own for clients whose
# resolver leads them here. Any other name is a foreign page's attempt at DNS rebinding.
HOSTS = frozenset(
    {
        LOOPBACK,
        "localhost",
        "::1",
        "discord.com",
        "gateway.discord.gg",
        "cdn.discordapp.com",
        "media.discordapp.net",
    }
)


class Playground:
    """A running local Discord."""

    def __init__(self, simulation: Simulation, port: int, tls_port: int | None) -> None:
        self.simulation = simulation
        self.port, self.tls_port = port, tls_port
        self.url = f"http://{LOOPBACK}:{port}"
        simulation.state.base_url = self.url

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        *,
        port: int = 0,
        world: World = tavern,
        limits: str = "off",
        log: Path | None = None,
        bot_name: str = "Tavernkeeper",
        heartbeat: float = 41.25,
        shards: int = 1,
        tls: ssl.SSLContext | None = None,
    ) -> "AsyncIterator[Playground]":
        """Serves on loopback until the block ends; port 0 takes a free one.

        `limits` is "off" or "realistic"; `log` a file for the request log; `tls` adds a second,
        encrypted port for clients that insist on Discord's own names.
        """
        simulation = assemble(
            bot_name=bot_name,
            bot_id=BOT_ID,
            profile=rate_limits.PROFILES[limits],
            log_file=log,
            heartbeat=heartbeat,
        )
        world(simulation.state)
        simulation.gateway.shards = shards
        runner = web.AppRunner(_application(simulation), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            plain = web.TCPSite(runner, LOOPBACK, port)
            await plain.start()
            tls_port = None
            if tls is not None:
                await web.TCPSite(runner, LOOPBACK, 0, ssl_context=tls).start()
                tls_port = runner.addresses[1][1]
            yield cls(simulation, runner.addresses[0][1], tls_port)
        finally:
            simulation.clock.close()
            simulation.bus.close()
            await simulation.gateway.shut()
            await runner.cleanup()
            simulation.log.close()

    # Where a client finds it

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/v10"

    @property
    def gateway_url(self) -> str:
        return self.simulation.gateway.url

    @property
    def cdn_url(self) -> str:
        return f"{self.url}/cdn"

    @property
    def token(self) -> str:
        return self.simulation.state.application.token

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables that point a bot process here."""
        return {
            "TAVERN_DISCORD__TOKEN": self.token,
            "TAVERN_DISCORD__API_URL": self.api_url,
            "TAVERN_DISCORD__GATEWAY_URL": self.gateway_url,
            "TAVERN_DISCORD__CDN_URL": self.cdn_url,
        }

    # What is in it

    @property
    def state(self) -> State:
        return self.simulation.state

    @property
    def log(self) -> RequestLog:
        return self.simulation.log

    @property
    def gateway(self) -> Gateway:
        return self.simulation.gateway

    def channel(self, name: str) -> Channel:
        """The channel or thread of a name. Raises LookupError."""
        for channel in self.state.channels.values():
            if channel.name == name:
                return channel
        raise LookupError(f"no channel {name}")

    def messages(self, channel: Channel) -> list[Json]:
        """The public messages of a channel, oldest first, as Discord objects."""
        return [
            render.message(self.state, each, self.state.bot.id)
            for each in channel.messages.values()
        ]

    def person(self, name: str) -> Person:
        """Somebody of the world, ready to act. Raises LookupError."""
        for user in self.state.users.values():
            if user.name == name and not user.bot:
                return Person(self.simulation, user.id)
        raise LookupError(f"nobody named {name}")

    # Driving it

    async def wait_for(self, check: Callable[[], T | None], within: float = 10.0) -> T:
        """The first true value of `check`, tried now and after every event and request.

        Raises TimeoutError.
        """
        return await self.simulation.bus.until(check, within)

    async def until_ready(self, within: float = 10.0) -> None:
        """Waits until a client has identified and is connected."""
        await self.wait_for(lambda: self.gateway.online or None, within)

    def advance(self, seconds: float) -> None:
        """Moves the stand-in's clock forward."""
        self.simulation.clock.advance(seconds)

    def fault(self, match: str, action: str, **details: object) -> Fault:
        """Makes something go wrong; see `faults.Action`. `match` is a pattern on
        "METHOD /path" without the /api prefix, or on "EVENT NAME"."""
        return self.simulation.faults.add(match, action, **details)

    def clear_faults(self) -> None:
        self.simulation.faults.clear()


def _application(simulation: Simulation) -> web.Application:
    api, page, cdn = Api(simulation), Page(simulation), Cdn(simulation.state)

    async def root(request: web.Request) -> web.StreamResponse:
        # Clients that know only Discord's own gateway connect to its root.
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await simulation.gateway.serve(request)
        return await page.index(request)

    application = web.Application(client_max_size=64 << 20, middlewares=[_only_known_hosts])
    application.router.add_get("/", root)
    application.router.add_get("/gateway", simulation.gateway.serve)
    application.router.add_route("*", "/api/{tail:.*}", api.serve)
    application.add_routes(page.routes())
    application.add_routes(cdn.routes())
    return application


@web.middleware
async def _only_known_hosts(request: web.Request, handler: Handler) -> web.StreamResponse:
    host = request.url.host
    if host is None or host.lower() not in HOSTS:
        raise web.HTTPForbidden(text="This server answers only on the loopback address.")
    return await handler(request)
