"""`prompt`: build prompts from case files and print them."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="CASE.json")
    parser.add_argument("--json", action="store_true", help="one JSON object per file")


def run(arguments: argparse.Namespace) -> int:
    """Prints each case's prompt; 1 if one cannot be built."""
    from core.errors import TavernError
    from core.prompt.case.case import run_case

    status = 0
    for path in arguments.files:
        try:
            result = run_case(path)
        except (TavernError, OSError, ValueError) as error:
            print(f"error: {path}: {reason(error)}", file=sys.stderr)
            status = 1
            continue
        if arguments.json:
            print(json.dumps({"file": str(path), **result}, ensure_ascii=False))
        else:
            print(readable(result))
    return status


def reason(error: Exception) -> str:
    """Why a case cannot be built, in one line."""
    from bot.cli._errors import one_line
    from core.errors import TavernError

    if isinstance(error, OSError):
        return f"the file cannot be read ({error.strerror or error})"
    if isinstance(error, TavernError):
        return one_line(error)
    return " ".join(str(error).split())


def readable(result: dict[str, Any]) -> str:
    """The prompt as a person reads it: the string itself, or one block a message."""
    if result.get("nothing_sent"):
        return "(nothing is sent)"
    if "prompt" in result:
        return str(result["prompt"])
    return "\n\n".join(
        f"[{message['role']}{' ' + message['name'] if message.get('name') else ''}]\n"
        f"{message['content']}"
        for message in result["messages"]
    )
