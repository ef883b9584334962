"""`migrate`: brings the database's tables up to date."""

import argparse

from bot.cli._settings import settings_of


def add_parser(words: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command to the command line."""
    parser = words.add_parser("migrate", help="bring the database up to date")
    parser.set_defaults(run=run)


async def run(arguments: argparse.Namespace) -> int:
    """Upgrades and says where."""
    from core.storage.storage import Storage

    async with Storage.open(settings_of(arguments)) as storage:
        print(f"{storage.database.shown} is up to date")
    return 0
