"""`macros`: every macro with what it gives."""

import argparse

from bot.cli import _tables
from core.macros.registry import all_macros, markdown_table


def options(parser: argparse.ArgumentParser) -> None:
    _tables.add_arguments(parser)


async def run(arguments: argparse.Namespace) -> int:
    if arguments.markdown or arguments.write:
        return _tables.show(markdown_table(), "macros", arguments.write)
    for one in all_macros():
        print(f"{one.usage:<32} {one.help}")
    return 0
