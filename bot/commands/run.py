"""`run`: serves Discord; without a token it starts the playground instead."""

import argparse
import asyncio
import logging
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from core.settings import Settings, load_settings

if TYPE_CHECKING:
    from bot.supervisor import Supervisor

log = logging.getLogger(__name__)


def add_parser(words: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command to the command line."""
    parser = words.add_parser("run", help="serve Discord (the playground where no token is set)")
    parser.set_defaults(run=run)


async def run(arguments: argparse.Namespace) -> int:
    """Serves until it is told to stop."""
    settings = settings_of(arguments)
    if not settings.discord.token:
        from bot.commands import playground

        print("No Discord token is set (discord.token), so this is the playground.", flush=True)
        return await playground.serve(settings, port=None, browser=False)
    await serve(settings)
    return 0


def settings_of(arguments: argparse.Namespace) -> Settings:
    """The configuration named on the command line. Raises SettingsError."""
    return load_settings(Path(arguments.config) if arguments.config else None)


async def serve(settings: Settings) -> None:
    """Opens everything and stays connected until SIGTERM or Ctrl+C."""
    from bot.app import point_at
    from bot.log import configure, secrets_of
    from bot.supervisor import Supervisor
    from core.engine import Engine

    configure(settings.log, secrets_of(settings))
    point_at(settings.discord)
    async with Engine.open(settings) as engine:
        supervisor = Supervisor(engine)
        stop_on_signals(supervisor)
        await supervisor.run()


def stop_on_signals(supervisor: "Supervisor") -> None:
    """SIGTERM and Ctrl+C let running replies end before the process does."""
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        # Windows has no such handlers; there Ctrl+C ends asyncio.run by itself.
        with suppress(NotImplementedError):
            loop.add_signal_handler(name, supervisor.stop)
