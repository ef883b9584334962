"""`python -m bot`: starts the bot, or does one of the operator's tasks."""

import argparse
import asyncio
import importlib
import inspect
import io
import pkgutil
import sys
from collections.abc import Sequence
from pathlib import Path

from bot import cli
from bot.cli._errors import one_line
from core.errors import TavernError

DEFAULT_COMMAND = "run"


def parser(given: Sequence[str] = ()) -> argparse.ArgumentParser:
    """Reads the folder of commands; each has its help as docstring, and its options.

    Where one is named in `given` the others are not loaded: together they take a second.
    """
    root = argparse.ArgumentParser(prog="tavernkeeper", description=__doc__)
    root.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="configuration file (default: config.yaml if there is one)",
    )
    words = root.add_subparsers(metavar="command")
    found = sorted(module.name for module in pkgutil.iter_modules(cli.__path__))
    names = [name for name in found if not name.startswith("_")]
    for name in [name for name in names if name in given] or names:
        command = importlib.import_module(f"bot.cli.{name}")
        help_line = str(command.__doc__).partition(": ")[2].splitlines()[0]
        options = words.add_parser(name, help=help_line)
        options.set_defaults(run=command.run)
        if hasattr(command, "options"):
            command.options(options)
    return root


def main(words: Sequence[str] | None = None) -> int:
    """Runs one command. 0 = done, 1 = refused or failed, 2 = wrong usage."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    given = list(sys.argv[1:] if words is None else words) or [DEFAULT_COMMAND]
    arguments = parser(given).parse_args(given)
    if not hasattr(arguments, "run"):
        given.append(DEFAULT_COMMAND)
        arguments = parser(given).parse_args(given)
    try:
        result = arguments.run(arguments)
        return int(asyncio.run(result) if inspect.iscoroutine(result) else result)
    except TavernError as error:
        print(f"error: {one_line(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has seen enough; nothing may be written at exit either.
        sys.stdout = io.TextIOWrapper(io.BytesIO())
        return 1


if __name__ == "__main__":
    sys.exit(main())
