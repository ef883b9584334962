"""`card`: read, check and convert cards, lorebooks and presets."""

import argparse
import asyncio
import sys
from pathlib import Path

from bot.cli._errors import one_line
from core.errors import InvalidCard, TavernError
from core.reasons import Reason
from core.transfer.files import MAX_FILE, FileDocument, read_file, write_file
from core.untrusted import json as untrusted_json


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--json", action="store_true", help="one JSON object per file")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="write it back: the same kind, or .png, .json or .charx for characters",
    )


async def run(arguments: argparse.Namespace) -> int:
    """Prints each file's document; 1 if one of them is refused."""
    if arguments.out is not None and len(arguments.files) != 1:
        print("error: --out takes exactly one FILE to read", file=sys.stderr)
        return 2
    status = 0
    for path in arguments.files:
        try:
            document = await asyncio.to_thread(_read, path)
            if arguments.out is not None:
                await _write(document, arguments.out)
        except (TavernError, OSError) as error:
            status = 1
            _refuse(path, _reason(error), arguments.json)
        else:
            _show(path, document, arguments.json)
    return status


def _read(path: Path) -> FileDocument:
    with path.open("rb") as file:
        data = file.read(MAX_FILE + 1)
    if not data:
        raise InvalidCard(Reason.EMPTY_FILE)
    return read_file(data, path.name)


async def _write(document: FileDocument, path: Path) -> None:
    content = await write_file(document, path.suffix.lower())
    await asyncio.to_thread(path.write_bytes, content)


def _reason(error: TavernError | OSError) -> str:
    if isinstance(error, TavernError):
        return one_line(error)
    return f"the file cannot be used: {error.strerror or error}"


def _refuse(path: Path, reason: str, as_json: bool) -> None:
    if as_json:
        print(untrusted_json.dump({"file": str(path), "error": reason}, indent=None))
    line = " ".join(f"{path}: {reason}".split())
    print(f"error: {line}", file=sys.stderr)


def _show(path: Path, document: FileDocument, as_json: bool) -> None:
    from bot.wording.sentences import NOUNS
    from bot.wording.values import sentence_about

    warnings = [sentence_about(remark) for remark in document.remarks]
    if as_json:
        shown = {
            "file": str(path),
            "kind": document.kind.value,
            "name": document.name,
            "data": document.data,
            "warnings": warnings,
        }
        print(untrusted_json.dump(shown, indent=None))
        return
    print(f"{path}: {NOUNS[document.kind]}, “{document.name}”")
    for warning in warnings:
        print(f"  warning: {warning}")
    print(untrusted_json.dump(document.data))
