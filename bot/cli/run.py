"""`run`: serve Discord (the playground where no token is set)."""

import argparse

from core.settings import Settings, load_settings


async def run(arguments: argparse.Namespace) -> int:
    """Serves until it is told to stop."""
    settings = load_settings(arguments.config)
    if not settings.discord.token:
        from bot.cli import playground

        print("No Discord token is set (discord.token), so this is the playground.", flush=True)
        return await playground.serve(settings, port=None, browser=False)
    await serve(settings)
    return 0


async def serve(settings: Settings) -> None:
    """Opens everything and stays connected until SIGTERM or Ctrl+C."""
    from bot.cli._errors import log_faulty_connections
    from bot.client import Supervisor, point_at
    from bot.log import configure, secrets_of
    from core.engine import Engine

    configure(settings.log, secrets_of(settings))
    point_at(settings.discord)
    async with Engine.open(settings) as engine:
        await log_faulty_connections(engine)
        supervisor = Supervisor(engine)
        supervisor.stop_on_signals()
        await supervisor.run()
