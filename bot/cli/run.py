"""`run`: serves Discord; without a token it starts the playground instead."""

import argparse

from bot.cli._settings import settings_of
from bot.cli._signals import stop_on_signals
from core.settings import Settings


def add_parser(words: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command to the command line."""
    parser = words.add_parser("run", help="serve Discord (the playground where no token is set)")
    parser.set_defaults(run=run)


async def run(arguments: argparse.Namespace) -> int:
    """Serves until it is told to stop."""
    settings = settings_of(arguments)
    if not settings.discord.token:
        from bot.cli import playground

        print("No Discord token is set (discord.token), so this is the playground.", flush=True)
        return await playground.serve(settings, port=None, browser=False)
    await serve(settings)
    return 0


async def serve(settings: Settings) -> None:
    """Opens everything and stays connected until SIGTERM or Ctrl+C."""
    from bot.client import point_at
    from bot.log import configure, secrets_of
    from bot.supervisor import Supervisor
    from core.engine import Engine

    configure(settings.log, secrets_of(settings))
    point_at(settings.discord)
    async with Engine.open(settings) as engine:
        supervisor = Supervisor(engine)
        stop_on_signals(supervisor)
        await supervisor.run()
