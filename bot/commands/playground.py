"""`playground`: the whole product on this machine, with no token, key or network."""

import argparse
import asyncio
import contextlib
import logging
import webbrowser

from bot.commands.run import settings_of, stop_on_signals
from core.settings import Settings

PORT = 8737
"""Taken where no other is named; a free one where it is in use."""
READY_TIMEOUT = 0.05
"""discord.py waits this long for further servers; here all are there at once."""

log = logging.getLogger(__name__)


def add_parser(words: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command to the command line."""
    parser = words.add_parser("playground", help="a local Discord to try everything in")
    parser.add_argument("--port", type=int, help=f"port of the page (default: {PORT})")
    parser.add_argument("--no-open", action="store_true", help="do not open a browser")
    parser.set_defaults(run=run)


async def run(arguments: argparse.Namespace) -> int:
    """Serves until Ctrl+C."""
    return await serve(settings_of(arguments), arguments.port, browser=not arguments.no_open)


async def serve(settings: Settings, port: int | None, *, browser: bool) -> int:
    """Starts the stand-in, the engine and the bot, and prints where the page is."""
    from bot.app import point_at
    from bot.first_visit import welcome
    from bot.log import configure
    from bot.playground.playground import Playground
    from bot.supervisor import Supervisor
    from core.engine import Engine

    configure(settings.log)
    async with contextlib.AsyncExitStack() as stack:
        playground = await stack.enter_async_context(_opened(Playground, port))
        settings = settings.for_playground(
            token=playground.token,
            api_url=playground.api_url,
            gateway_url=playground.gateway_url,
            cdn_url=playground.cdn_url,
        )
        point_at(settings.discord)
        engine = await stack.enter_async_context(Engine.open(settings))
        supervisor = Supervisor(engine, ready_timeout=READY_TIMEOUT)
        stop_on_signals(supervisor)
        serving = asyncio.create_task(supervisor.run())
        await welcome(supervisor, playground)
        print(f"The Tavern is open: {playground.url}", flush=True)
        if browser:
            await asyncio.to_thread(webbrowser.open, playground.url)
        await serving
    return 0


@contextlib.asynccontextmanager
async def _opened(playground, port):
    async with contextlib.AsyncExitStack() as stack:
        try:
            found = await stack.enter_async_context(playground.open(port=PORT if port is None else port))
        except OSError:
            if port is not None:
                raise
            found = await stack.enter_async_context(playground.open(port=0))
        yield found
