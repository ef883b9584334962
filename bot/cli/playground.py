"""`playground`: a local Discord to try everything in."""

import argparse
import asyncio
import errno
import webbrowser
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from core.errors import InvalidOption
from core.reasons import Reason
from core.secret import Secret
from core.settings import (
    DatabaseSettings,
    DiscordSettings,
    NetworkSettings,
    Settings,
    load_settings,
)

if TYPE_CHECKING:
    from bot.playground.playground import Playground

PORT = 8737
"""Taken where no other is named; a free one where it is in use."""
READY_TIMEOUT = 0.05
"""discord.py waits this long for further servers; here all are there at once."""


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, help=f"port of the page (default: {PORT})")
    parser.add_argument("--no-open", action="store_true", help="do not open a browser")


async def run(arguments: argparse.Namespace) -> int:
    """Serves until Ctrl+C."""
    settings = load_settings(arguments.config)
    return await serve(settings, arguments.port, browser=not arguments.no_open)


async def serve(settings: Settings, port: int | None, *, browser: bool) -> int:
    """Starts the stand-in, the engine and the bot, and prints where the page is."""
    from bot.cli._errors import log_faulty_connections
    from bot.cli._playground_guests import answer_at_once, forget_stories, seat
    from bot.client import Supervisor, point_at
    from bot.log import configure, secrets_of
    from core.characters.stock import stock_cards
    from core.engine import Engine

    configure(settings.log, secrets_of(settings))
    async with AsyncExitStack() as stack:
        playground = await stack.enter_async_context(local_discord(port))
        settings = pointed_at(settings, playground)
        point_at(settings.discord)
        engine = await stack.enter_async_context(Engine.open(settings))
        await log_faulty_connections(engine)
        await forget_stories(engine)
        await answer_at_once(engine)
        supervisor = Supervisor(engine, ready_timeout=READY_TIMEOUT)
        supervisor.stop_on_signals()
        serving = asyncio.create_task(supervisor.run())
        await playground.until_ready()
        assert supervisor.bot is not None
        add = engine.services.characters.add_stock
        await seat(supervisor.bot, [await add(slug, data) for slug, data in stock_cards()])
        print(f"The Tavern is open: {playground.url}  (Ctrl+C closes it)", flush=True)
        if browser:
            await asyncio.to_thread(webbrowser.open, playground.url)
        await serving
    return 0


@asynccontextmanager
async def local_discord(port: int | None) -> "AsyncIterator[Playground]":
    """The stand-in on the port that was asked for, the usual one, or a free one.

    Raises InvalidOption where it was asked for one that cannot be had.
    """
    from bot.playground.playground import Playground

    async with AsyncExitStack() as stack:
        try:
            opened = await stack.enter_async_context(
                Playground.open(port=PORT if port is None else port)
            )
        except (OSError, OverflowError) as error:
            if port is not None:
                raise InvalidOption(Reason.TERMINAL_PORT, key="--port", value=port) from error
            if not isinstance(error, OSError) or error.errno != errno.EADDRINUSE:
                raise
            opened = await stack.enter_async_context(Playground.open())
        yield opened


def pointed_at(settings: Settings, playground: "Playground") -> Settings:
    """The configuration for the stand-in: a database of its own, servers at home allowed."""
    discord = DiscordSettings(
        token=Secret(playground.token),
        api_url=playground.api_url,
        gateway_url=playground.gateway_url,
        cdn_url=playground.cdn_url,
        adult_dms=settings.discord.adult_dms,
    )
    path = (settings.data_dir / "playground.db").as_posix()
    changes = {
        "discord": discord,
        "database": DatabaseSettings(url=f"sqlite+aiosqlite:///{path}"),
        "network": NetworkSettings(private_backends="everyone"),
    }
    return settings.model_copy(update=changes).with_rehearsal()
