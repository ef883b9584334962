"""Finds all places where a JavaScript pattern matches, without ever hanging the bot.

Patterns whose work is provably small run here; all others in processes of their own, each of
which is killed after a quarter of a second. Nobody waits for another's catastrophe: there are
several, and they are none of those in which lore keys are looked for.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, Self

from cachetools import LRUCache

from core.patterns.characters import to_units
from core.patterns.matcher import (
    MAX_SECONDS_AT_ONCE,
    MAX_SOURCE_HERE,
    MAX_STOPS_AT_ONCE,
    MAX_SUBJECT,
    MAX_WORK,
    REMEMBERED,
    SECONDS,
    STRIKES,
)
from core.patterns.pattern import Pattern
from core.patterns.worker import WorkerProcess, find

PROCESSES = 3
_MAX_KEPT = 8_000_000
"""Characters of answers that are kept: old messages are asked for again with every prompt."""

_OPENING = "opening"
"""Looking for a beginning may take too long where looking for matches does not."""

Match = tuple[int, ...]
"""The ends of the whole match and of each group; -1 for a group that took no part."""


@dataclass(frozen=True, slots=True)
class Matches:
    """What came of looking for a pattern in one text.

    `text` is the text as the pattern sees it, in UTF-16 units or in code points; `ends` count
    in it. `stopped`: nobody knows, since it took too long or is beyond a limit.
    """

    text: str
    ends: tuple[Match, ...] = ()
    stopped: bool = False


class Finder(Protocol):
    """Finds matches; safe to call from several threads."""

    def find(self, pattern: Pattern, texts: Sequence[str]) -> list[Matches]:
        """What is found in each text, in order: everywhere with the flag g, else the first.

        Never raises for a pattern's sake.
        """

    def opening(self, pattern: Pattern, found: Matches) -> int | None:
        """Where in a text, behind all matches, one starts that more text could complete.

        None: nowhere, or nobody knows.
        """


class SafeFinder:
    """The real finder. Starts processes when they are needed; `close` ends them.

    A pattern that had to be stopped three times is not tried again while the finder lives.
    """

    def __init__(self, seconds: float = SECONDS, processes: int = PROCESSES) -> None:
        self._seconds = seconds
        self._places = threading.BoundedSemaphore(processes)
        self._lock = threading.Lock()
        self._idle: list[WorkerProcess] = []
        self._strikes: LRUCache[tuple[str, str], int] = LRUCache(REMEMBERED)
        self._kept: LRUCache[tuple[str, bool, str], Matches] = LRUCache(_MAX_KEPT, _size)
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def find(self, pattern: Pattern, texts: Sequence[str]) -> list[Matches]:
        everywhere = "g" in pattern.flags
        found: dict[int, Matches] = {}
        abroad: list[int] = []
        for index, text in enumerate(texts):
            known = self._known(pattern, everywhere, text)
            if known is None:
                abroad.append(index)
            else:
                found[index] = known
        if abroad:
            asked = [texts[index] for index in abroad]
            answers = self._ask(pattern, everywhere, asked)
            for index, matches in zip(abroad, answers, strict=True):
                found[index] = matches
                if not matches.stopped:
                    with self._lock:
                        self._kept[pattern.text, everywhere, texts[index]] = matches
        return [found[index] for index in range(len(texts))]

    def opening(self, pattern: Pattern, found: Matches) -> int | None:
        once = "g" not in pattern.flags and bool(found.ends)
        if found.stopped or once or self._is_given_up(pattern, _OPENING):
            return None
        last = found.ends[-1] if found.ends else (0, 0)
        begin = last[1] + (bool(found.ends) and last[0] == last[1])
        if begin >= len(found.text):
            return None
        with self._worker() as worker:
            if worker is None:
                return None
            said = list(worker.opening(pattern.text, found.text, begin, self._seconds))
        if not said and not worker.is_broken:
            self._strike(pattern, _OPENING)
        return next((one for one in said if isinstance(one, int)), None)

    def close(self) -> None:
        """Ends the processes; what is looked for later counts as stopped."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.close()

    def _known(self, pattern: Pattern, everywhere: bool, text: str) -> Matches | None:
        """What can be said without a process."""
        if pattern.refused or len(text) > MAX_SUBJECT:
            return Matches(text, stopped=True)
        with self._lock:
            kept = self._kept.get((pattern.text, everywhere, text))
        if kept is not None:
            return kept
        small = pattern.work * (len(text) + 1) <= MAX_WORK
        if not small or len(pattern.source) > MAX_SOURCE_HERE:
            return None
        subject = to_units(text) if pattern.by_units else text
        return _matches(subject, find(pattern.text, subject, everywhere))

    def _ask(self, pattern: Pattern, everywhere: bool, texts: Sequence[str]) -> list[Matches]:
        subjects = [to_units(text) if pattern.by_units else text for text in texts]
        answers = [Matches(subject, stopped=True) for subject in subjects]
        deadline = time.monotonic() + MAX_SECONDS_AT_ONCE
        done = 0
        for _ in range(MAX_STOPS_AT_ONCE):
            late = time.monotonic() > deadline
            if done >= len(subjects) or self._is_given_up(pattern) or late:
                break
            with self._worker() as worker:
                if worker is None:
                    break
                todo = subjects[done:]
                said = list(worker.find(pattern.text, todo, everywhere, self._seconds, deadline))
            for subject, one in zip(todo, said, strict=False):
                answers[done] = _matches(subject, one)
                done += 1
            if worker.is_broken:
                break
            if len(said) < len(todo):
                self._strike(pattern)
                done += 1
        return answers

    def _is_given_up(self, pattern: Pattern, way: str = "") -> bool:
        with self._lock:
            return self._strikes.get((way, pattern.text), 0) >= STRIKES

    def _strike(self, pattern: Pattern, way: str = "") -> None:
        key = way, pattern.text
        with self._lock:
            self._strikes[key] = self._strikes.get(key, 0) + 1

    @contextmanager
    def _worker(self) -> Iterator[WorkerProcess | None]:
        """One that nobody else uses; None once all is closed."""
        with self._places:
            with self._lock:
                closed = self._closed
                worker = self._idle.pop() if self._idle else None
            if closed:
                yield None
                return
            worker = worker or WorkerProcess()
            try:
                yield worker
            finally:
                with self._lock:
                    keeps = not worker.is_dead and not self._closed
                    if keeps:
                        self._idle.append(worker)
                if not keeps:
                    worker.close()


def _size(kept: Matches) -> int:
    return len(kept.text) + 4 * sum(map(len, kept.ends)) + 100


def _matches(subject: str, said: list[list[int]] | str) -> Matches:
    if isinstance(said, str):
        return Matches(subject, stopped=True)
    return Matches(subject, tuple(map(tuple, said)))
