"""`tokens`: count the tokens of a text."""

import argparse
import json
import sys
from contextlib import suppress
from pathlib import Path

from core.errors import NotFound
from core.reasons import Reason
from core.settings import load_settings
from core.untrusted.text import NotPlain, decode


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", default="-", help="a file, or - for standard input")
    parser.add_argument("--tokenizer", default="best-match", help="tokenizer id")
    parser.add_argument("--model", default="", help="model name, for best-match")
    parser.add_argument("--json", action="store_true", help="one JSON object")


async def run(arguments: argparse.Namespace) -> int:
    """Prints the count; a tokenizer that is not at hand is fetched, or stood in for, as set."""
    from core.kind import Kind
    from core.tokenizers.best_match import OWN, best_match, is_own
    from core.tokenizers.store import TokenizerStore
    from core.tokenizers.tokenizer import Counting

    text = read(arguments.file)
    settings = load_settings(arguments.config)
    store = TokenizerStore(
        settings.data_dir / "_cache", downloads=settings.enable_downloadable_tokenizers
    )
    name = arguments.tokenizer
    if name == "best-match":
        name = best_match(Kind.CHAT, name, arguments.model).tokenizer
    try:
        choice = await store.choose(name)
    finally:
        await store.close()
    counter = Counting(choice.counter)
    # Without a model the count is that of the vocabulary itself, where models have it at all.
    is_known = is_own(choice.wanted, arguments.model) if arguments.model else choice.wanted in OWN
    result = {
        "tokenizer": choice.wanted,
        "count": counter(text),
        "exact": counter.is_exact and not choice.stands_in and is_known,
    }
    if choice.stands_in:
        result["counted_by"] = choice.counter.tokenizer.id
    print(json.dumps(result) if arguments.json else readable(result))
    return 0


def read(name: str) -> str:
    """The text of a file or of standard input. Raises NotFound."""
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise NotFound(Reason.FILE_UNREADABLE, error.strerror or "", path=name) from error
    with suppress(NotPlain):
        return decode(data).text
    return data.decode("utf-8", "replace")


def readable(result: dict[str, object]) -> str:
    """The count with what counted it."""
    mark = "" if result["exact"] else "about "
    by = f" (counted by {result['counted_by']})" if "counted_by" in result else ""
    return f"{mark}{result['count']} tokens, {result['tokenizer']}{by}"
