"""JavaScript regular expressions that cannot hang the bot.

Patterns whose work is provably small run here; all others in a process that is killed after a
quarter of a second.
"""

import threading
import time
from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol, Self

from cachetools import LRUCache

from core.patterns.characters import to_units
from core.patterns.pattern import Pattern
from core.patterns.worker import WorkerProcess, answer

MAX_SUBJECT = 65_536
"""Characters of a subject that are searched; in lore scans the newest text stands first."""
MAX_WORK = 1_000_000
"""Comparisons one pattern may need at most to be run in this process; about 20 ms."""
MAX_WORK_AT_ONCE = 20_000_000
MAX_SOURCE_HERE = 512
SECONDS = 0.25
STRIKES = 3
MAX_STOPS_AT_ONCE = 4
MAX_SECONDS_AT_ONCE = 2.0
"""What one call may cost in the worker before the rest of its patterns is given up."""
REMEMBERED = 1_000


class MatchResult(StrEnum):
    """What came of testing one pattern."""

    MATCH = "match"
    NO_MATCH = "no match"
    STOPPED = "stopped"


class Matcher(Protocol):
    """Tests patterns; safe to call from several threads."""

    def test(self, patterns: Sequence[Pattern], subject: str) -> list[MatchResult]:
        """One verdict for each pattern, in order. Never raises for a pattern's sake."""


class SafeMatcher:
    """The real matcher. Starts its worker process when first needed; `close` ends it.

    A pattern that had to be stopped three times is not tried again while the matcher lives.
    Only the first 65,536 characters of a subject are searched.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._worker: WorkerProcess | None = None
        self._strikes: LRUCache[str, int] = LRUCache(REMEMBERED)
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def test(self, patterns: Sequence[Pattern], subject: str) -> list[MatchResult]:
        subject = subject[:MAX_SUBJECT]
        units = to_units(subject)
        verdicts: dict[int, MatchResult] = {}
        abroad: list[int] = []
        allowance = float(MAX_WORK_AT_ONCE)
        for index, pattern in enumerate(patterns):
            work = pattern.work * (len(subject) + 1)
            if pattern.refused:
                verdicts[index] = MatchResult.STOPPED
            elif work <= min(MAX_WORK, allowance) and len(pattern.source) <= MAX_SOURCE_HERE:
                allowance -= work
                verdicts[index] = _verdict(
                    answer(pattern.text, units if pattern.by_units else subject)
                )
            else:
                abroad.append(index)
        for by_units in (True, False):
            indices = [index for index in abroad if patterns[index].by_units is by_units]
            texts = [patterns[index].text for index in indices]
            answers = self._ask(texts, units if by_units else subject)
            verdicts.update(zip(indices, map(_verdict, answers), strict=True))
        return [verdicts[index] for index in range(len(patterns))]

    def close(self) -> None:
        """Ends the worker; patterns tested later count as stopped."""
        with self._lock:
            self._closed = True
            if self._worker is not None:
                self._worker.close()
            self._worker = None

    def _ask(self, texts: list[str], subject: str) -> list[bool | str | None]:
        """The worker's answers; None where a pattern was stopped or not tried at all."""
        answers: list[bool | str | None] = [None] * len(texts)
        with self._lock:
            todo = [i for i, text in enumerate(texts) if self._strikes.get(text, 0) < STRIKES]
            deadline = time.monotonic() + MAX_SECONDS_AT_ONCE
            for _ in range(MAX_STOPS_AT_ONCE):
                if not todo or self._closed or time.monotonic() > deadline:
                    break
                worker = self._worker = self._worker or WorkerProcess()
                batch = [texts[index] for index in todo]
                got = list(worker.run(batch, subject, self._seconds, deadline))
                for index, said in zip(todo, got, strict=False):
                    answers[index] = said
                if worker.is_dead:
                    self._worker = None
                if worker.is_broken or len(got) == len(todo):
                    break
                stopped = batch[len(got)]
                self._strikes[stopped] = self._strikes.get(stopped, 0) + 1
                todo = todo[len(got) + 1 :]
        return answers


def _verdict(answer: bool | str | None) -> MatchResult:
    if isinstance(answer, bool):
        return MatchResult.MATCH if answer else MatchResult.NO_MATCH
    return MatchResult.STOPPED
