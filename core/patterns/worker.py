"""The process that runs patterns of strangers and may be killed at any moment.

Started as a script, so that it imports nothing of ours; one JSON line in, one JSON line out for
each pattern that is tested, or each subject in which one is looked for, as soon as it is known.
"""

import contextlib
import io
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any, Final

import regex

MEMORY_LIMIT = 512 * 1024 * 1024
MAX_ENDS = 400_000
"""Numbers in one answer: a match at every place of the longest subject still has room."""
READY = "ready"


def limit_memory() -> None:
    """Bounds what a pattern can allocate, on systems that know such a limit."""
    with contextlib.suppress(ImportError, OSError, ValueError):  # Windows has no such module
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))


def answer(text: str, subject: str) -> bool | str:
    """Whether the pattern matches; a text says what went wrong."""
    try:
        return regex.compile(text, regex.VERSION0).search(subject) is not None
    except (regex.error, MemoryError, RecursionError, OverflowError, ValueError) as error:
        return type(error).__name__


def find(text: str, subject: str, everywhere: bool) -> list[list[int]] | str:
    """Where the pattern matches, the first time or everywhere; a text says what went wrong.

    Each match as the ends of the whole and of each group, -1 for a group that took no part.
    """
    found: list[list[int]] = []
    try:
        pattern = regex.compile(text, regex.VERSION0)
        # As String.prototype.replace goes on: from the end of the match before, and one further
        # where that was empty. An empty match may touch the one before it.
        match = pattern.search(subject, 0)
        while match is not None:
            found.append([end for span in match.regs for end in span])
            if not everywhere:
                break
            if len(found) * len(found[0]) > MAX_ENDS:
                return "TooMany"
            begin = match.end() + (match.end() == match.start())
            match = pattern.search(subject, begin) if begin <= len(subject) else None
    except (regex.error, MemoryError, RecursionError, OverflowError, ValueError) as error:
        return type(error).__name__
    return found


def opening(text: str, subject: str, begin: int) -> int | str | None:
    """Where something starts, from `begin` on, that may become a match when more text comes."""
    try:
        found = regex.compile(text, regex.VERSION0).search(subject, begin, partial=True)
    except (regex.error, MemoryError, RecursionError, OverflowError, ValueError) as error:
        return type(error).__name__
    if found is None or not found.partial or found.start() == len(subject):
        return None
    return int(found.start())


def serve() -> None:
    limit_memory()
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="surrogatepass")
    print(READY, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        if "patterns" in request:
            for text in request["patterns"]:
                print(json.dumps(answer(text, request["subject"])), flush=True)
        elif "begin" in request:
            begins = opening(request["pattern"], request["subject"], request["begin"])
            print(json.dumps(begins), flush=True)
        else:
            for subject in request["subjects"]:
                found = find(request["pattern"], subject, request["everywhere"])
                print(json.dumps(found), flush=True)


if __name__ == "__main__":
    serve()


SECONDS_TO_START = 20.0
SECONDS_TO_END = 2.0


_ENDED: Final = None


class WorkerProcess:
    """One worker. After a pattern took too long it is dead and has to be replaced."""

    def __init__(self) -> None:
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._process: subprocess.Popen[str] | None = None
        self._is_ready = False
        self.is_broken = False
        """Whether it could not be started or spoken to: no pattern's fault."""
        # The worker needs no secret of the bot's; an own console window would flash on Windows.
        environment = {k: v for k, v in os.environ.items() if not k.startswith("TAVERN_")}
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", __file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                encoding="utf-8",
                errors="surrogatepass",
                env=environment,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError:
            return
        self._reader = threading.Thread(target=self._read, name="regex-worker", daemon=True)
        self._reader.start()

    @property
    def is_dead(self) -> bool:
        return self._process is None

    def run(
        self, patterns: Sequence[str], subject: str, seconds: float, deadline: float
    ) -> Iterator[bool | str]:
        """Yields whether each pattern matches, or what went wrong; once it ends early it is dead.

        It ends before a pattern that takes longer than `seconds`, and at the monotonic time
        `deadline` whatever runs then.
        """
        request = {"patterns": patterns, "subject": subject}
        yield from self._answers(request, len(patterns), seconds, deadline)

    def find(
        self,
        pattern: str,
        subjects: Sequence[str],
        everywhere: bool,
        seconds: float,
        deadline: float,
    ) -> Iterator[list[list[int]] | str]:
        """Yields where the pattern matches in each subject; ends early as `run` does."""
        request = {"pattern": pattern, "subjects": subjects, "everywhere": everywhere}
        yield from self._answers(request, len(subjects), seconds, deadline)

    def opening(
        self, pattern: str, subject: str, begin: int, seconds: float
    ) -> Iterator[int | str | None]:
        """Yields where an unfinished match starts; ends without that where it takes too long."""
        request = {"pattern": pattern, "subject": subject, "begin": begin}
        yield from self._answers(request, 1, seconds, time.monotonic() + seconds)

    def _answers(
        self, request: object, count: int, seconds: float, deadline: float
    ) -> Iterator[Any]:
        if not self._send(request):
            self.is_broken = True
            self.close()
            return
        for _ in range(count):
            line = self._next(min(seconds, max(deadline - time.monotonic(), 0.0)))
            if line is _ENDED:
                self.close()
                return
            yield json.loads(line)

    def close(self) -> None:
        """Kills the process and waits for its end."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait(SECONDS_TO_END)
        self._reader.join(SECONDS_TO_END)
        for stream in filter(None, (process.stdin, process.stdout)):
            with contextlib.suppress(OSError):  # unsent input of a process that is gone
                stream.close()

    def _send(self, request: object) -> bool:
        if self._process is None or self._process.stdin is None:
            return False
        if not self._is_ready and self._next(SECONDS_TO_START) != READY + "\n":
            return False
        self._is_ready = True
        try:
            # Escaped surrogates would be joined by the reader; as they are they stay UTF-16 units.
            self._process.stdin.write(json.dumps(request, ensure_ascii=False) + "\n")
            self._process.stdin.flush()
        except OSError:
            return False
        return True

    def _next(self, seconds: float) -> str | None:
        try:
            return self._lines.get(timeout=seconds)
        except queue.Empty:
            return _ENDED

    def _read(self) -> None:
        process = self._process
        if process is None or process.stdout is None:
            return
        for line in process.stdout:
            self._lines.put(line)
        self._lines.put(_ENDED)
