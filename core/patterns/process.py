"""Starts, asks and kills the worker process."""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from core.patterns.worker import READY

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
        script = str(Path(__file__).with_name("worker.py"))
        # The worker needs no secret of the bot's; an own console window would flash on Windows.
        environment = {k: v for k, v in os.environ.items() if not k.startswith("TAVERN_")}
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", script],
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
        if not self._send({"patterns": patterns, "subject": subject}):
            self.is_broken = True
            self.close()
            return
        for _ in patterns:
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
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:  # unsent input of a process that is gone
                    continue

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
