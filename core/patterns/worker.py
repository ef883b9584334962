"""The process that runs patterns of strangers and may be killed at any moment.

Started as a script; one JSON line in, one JSON line out for each pattern, as soon as it is known.
"""

import io
import json
import sys

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


def answer(text: str, subject: str) -> bool | str:
    """Whether the pattern matches; a text says what went wrong."""
    try:
        return regex.compile(text, regex.VERSION0).search(subject) is not None
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
            print(json.dumps(answer(text, request["subject"])), flush=True)


if __name__ == "__main__":
    serve()
