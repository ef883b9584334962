"""`migrate`: bring the database up to date."""

import argparse

from core.settings import load_settings


async def run(arguments: argparse.Namespace) -> int:
    """Upgrades and says where."""
    from core.storage.storage import Storage

    async with Storage.open(load_settings(arguments.config)) as storage:
        print(f"{storage.database.shown} is up to date")
    return 0
