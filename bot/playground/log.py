"""The record of every request the bot made, in memory and, when asked, as JSON lines."""

import json
from collections import deque
from pathlib import Path
from typing import Any, TextIO

from bot.playground.rules.errors import Json
from bot.playground.world.models import Upload


class RequestLog:
    """Requests in the order their answers left; a line has the keys the checker reads.

    `ts` arrival in seconds since 1970, `method`, `path` with query, `json` body, `files` as
    [field, name, size], `status` (None: the connection was dropped), `response`.
    """

    def __init__(self, path: Path | None = None, kept: int = 100_000) -> None:
        self.lines: deque[Json] = deque(maxlen=kept)
        self.total = 0
        self._file: TextIO | None = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a", encoding="utf-8")

    def add(
        self,
        arrived: float,
        method: str,
        path: str,
        body: Any,
        files: list[Upload],
        status: int | None,
        response: Any,
    ) -> None:
        line: Json = {
            "ts": arrived,
            "method": method,
            "path": path,
            "json": body,
            "files": [[each.field, each.filename, len(each.content)] for each in files],
            "status": status,
            "response": response,
        }
        self.total += 1
        self.lines.append(line)
        if self._file is not None:
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()

    def find(self, method: str, part: str = "") -> list[Json]:
        """Requests of a method whose path contains a text."""
        return [each for each in self.lines if each["method"] == method and part in each["path"]]

    @property
    def invalid(self) -> int:
        """Answers that count towards Discord's ban: 401, 403 and 429."""
        return sum(1 for each in self.lines if each["status"] in (401, 403, 429))

    def write(self, path: Path) -> None:
        """Writes everything kept in memory as a log file."""
        with path.open("w", encoding="utf-8") as file:
            for line in self.lines:
                file.write(json.dumps(line) + "\n")

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
