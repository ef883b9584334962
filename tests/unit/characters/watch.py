"""Watches what the interpreter does while a file is read."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
_FORBIDDEN = (
    "socket.",
    "subprocess.",
    "os.system",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "os.startfile",
    "os.remove",
    "os.rename",
    "os.mkdir",
    "os.rmdir",
    "os.link",
    "os.symlink",
    "os.chmod",
    "shutil.",
    "tempfile.",
    "urllib.",
    "http.",
    "ctypes.",
    "exec",
    "compile",
    "pickle.",
    "marshal.",
    "code.__new__",
)


class Watch:
    """Notes forbidden events while it is switched on. Hooks of an interpreter stay for good."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self._on = False
        sys.addaudithook(self._note)

    @contextmanager
    def on(self) -> Iterator[list[str]]:
        """The list that fills while the block runs."""
        self.events = []
        self._on = True
        try:
            yield self.events
        finally:
            self._on = False

    def _note(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._on and (event.startswith(_FORBIDDEN) or self._is_writing(event, arguments)):
            self.events.append(event)

    @staticmethod
    def _is_writing(event: str, arguments: tuple[Any, ...]) -> bool:
        return event == "open" and bool((arguments[2] or 0) & _WRITING)
