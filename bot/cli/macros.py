"""`macros`: every macro with what it gives."""

import argparse
from typing import Any

from bot.cli import _tables
from core.macros.registry import all_macros, markdown_table


def add_parser(words: Any) -> None:
    """Adds the command's words."""
    parser = words.add_parser("macros", help="every macro with what it gives")
    _tables.add_arguments(parser)
    parser.set_defaults(run=run)


async def run(arguments: argparse.Namespace) -> int:
    """Prints the registry."""
    if arguments.markdown or arguments.write:
        return _tables.show(markdown_table(), "macros", arguments.write)
    for one in all_macros():
        print(f"{one.usage:<32} {one.help}")
    return 0
