"""The process that runs patterns of strangers and may be killed at any moment.

Started as a script; one JSON line in, one JSON line out for each pattern, as soon as it is known.
"""

import io
import json
import sys
from typing import Any

import regex

MEMORY_LIMIT = 512 * 1024 * 1024
READY = "ready"


def limit_memory() -> None:
    """Bounds what a pattern can allocate, on systems that know such a limit."""
    try:
        import resource
    except ImportError:  # Windows
        return
    try:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    except (OSError, ValueError):
        return


def find(text: str, subject: str, everywhere: bool) -> list[list[list[int]]]:
    """All matches, or the first: for each the spans of the whole and of the groups."""
    compiled = regex.compile(text, regex.VERSION0)
    found: list[list[list[int]]] = []
    for match in compiled.finditer(subject):
        found.append([list(match.span(number)) for number in range(compiled.groups + 1)])
        if not everywhere:
            break
    return found


def answer(text: str, subject: str, mode: str) -> Any:
    """The result of one pattern: whether it matches, or its spans; a text says what went wrong."""
    try:
        if mode == "test":
            return regex.compile(text, regex.VERSION0).search(subject) is not None
        return find(text, subject, everywhere=mode == "all")
    except (regex.error, MemoryError, RecursionError, OverflowError, ValueError) as error:
        return type(error).__name__


def serve() -> None:
    """Answers requests until the input ends."""
    limit_memory()
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="surrogatepass")
    print(READY, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        for text in request["patterns"]:
            print(json.dumps(answer(text, request["subject"], request["mode"])), flush=True)


if __name__ == "__main__":
    serve()
