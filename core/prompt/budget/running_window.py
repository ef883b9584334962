"""The sliding window decided from running sums, so that a long chat costs what is new in it."""

from bisect import bisect_right
from collections.abc import Hashable
from dataclasses import dataclass, field
from itertools import chain
from typing import cast

from core.prompt.budget.running_sums import (
    Behind,
    KnownCounts,
    RunningSums,
    SumsUpdate,
    UsualMessages,
)
from core.prompt.budget.window import Count, ExactWindow, WindowChoice, WindowCounter, WindowInput

ANY_LINE = "a\n"
"""Stands for the whole line in front of a text whose share is asked for."""


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring messages that were taken: their indices, newest first, and their tokens.

    `end`: where they end in the sums, oldest first; None for a message by itself.
    """

    indices: range
    counts: list[int]
    end: int | None = None


class RunningWindow:
    """Chooses what `ExactWindow` chooses. One object for one prompt; `sums` last longer."""

    def __init__(
        self, sums: RunningSums, behind: Behind, counts: KnownCounts | None = None
    ) -> None:
        self._sums = sums
        self._behind = behind
        self._counts = counts

    def choose(self, pieces: WindowInput, count: Count) -> WindowChoice:
        """The choice.

        Without the sums where messages are formatted in other ways than usual, or while another
        prompt of the chat is being made.
        """
        key = getattr(pieces.messages, "format_key", None)
        if key is None or not self._sums.lock.acquire(blocking=False):
            return ExactWindow().choose(pieces, count)
        try:
            return self._choose(pieces, WindowCounter(pieces, count), key)
        finally:
            self._sums.lock.release()

    def _choose(self, pieces: WindowInput, counter: WindowCounter, key: Hashable) -> WindowChoice:
        messages = cast(UsualMessages, pieces.messages)
        behind = self._behind if pieces.examples else None
        update = SumsUpdate(self._sums, messages, counter.message, behind, self._counts)
        update.run(key, pieces.budget)
        used = counter.fixed()
        taking = _Taking(pieces, messages, counter, self._sums, used)
        if not taking.run():
            # Something older has changed, or the window reaches further back than the sums.
            update.restart(pieces.budget)
            taking = _Taking(pieces, messages, counter, self._sums, used)
            taking.run()
        runs = sorted(taking.runs, key=lambda run: run.indices.start)
        indices = chain.from_iterable(run.indices for run in runs)
        counts = dict(zip(indices, chain.from_iterable(run.counts for run in runs), strict=True))
        choice = WindowChoice(
            list(counts),
            counts=counts,
            used=taking.used,
            aligned=pieces.needs_alignment(max(counts, default=0)),
        )
        choice.fitted = choice.kept
        if pieces.examples:
            whole = self._added(pieces, counter, choice, taking.runs)
            if whole is None:
                taken = chain.from_iterable(run.indices for run in taking.runs)
                whole = counter.chosen(choice, "".join(map(messages.text, taken)))
            counter.add_examples(choice, whole)
        return choice

    def _added(
        self, pieces: WindowInput, counter: WindowCounter, choice: WindowChoice, runs: list[Run]
    ) -> int | None:
        """All that was chosen, counted as one text by what whole lines add to one another.

        None where that cannot be told.
        """
        head, sums, total = counter.head(choice), self._sums, 0
        # Messages are whole lines; so must be what they stand behind.
        if not runs or not head.endswith("\n") or head[-2:-1].isspace():
            return None
        for run in runs:
            if run.end is None:
                added = self._behind(pieces.messages.text(run.indices.start))
            else:
                first = run.end - len(run.indices)
                told = sums.untold[run.end] == sums.untold[first]
                added = sums.behind[run.end] - sums.behind[first] if told else None
            if added is None:
                return None
            total += added
        end = ANY_LINE + pieces.opening + pieces.continued
        return counter.whole(head) + total + counter.text(end) - counter.text(ANY_LINE)


@dataclass(slots=True)
class _Taking:
    """Takes injected messages, then the newest ones, until the budget is used up."""

    pieces: WindowInput
    messages: UsualMessages
    counter: WindowCounter
    sums: RunningSums
    used: int
    runs: list[Run] = field(default_factory=list)
    """In the order in which they were taken."""
    alone: set[int] = field(default_factory=set)

    def run(self) -> bool:
        """False where the sums do not fit the chat."""
        for index in self.pieces.injected:
            if index not in self.alone and not self._takes(index):
                return True
        start, passed, length = 0, 0, len(self.messages)
        for end in (*self.messages.unusual, length):
            if end > start:
                taken = self._take_run(start, end - start, start - passed)
                if taken is None:
                    return False
                if taken < end - start:
                    return True
            if end not in self.alone and end < length and not self._takes(end):
                return True
            start, passed = end + 1, passed + 1
        return True

    def _takes(self, index: int) -> bool:
        """Takes one message, if it fits."""
        tokens = self.counter.message(index)
        if self.used + tokens >= self.pieces.budget:
            return False
        self.used += tokens
        self.alone.add(index)
        self.runs.append(Run(range(index, index + 1), [tokens]))
        return True

    def _take_run(self, start: int, length: int, newer: int) -> int | None:
        """How many of a run were taken; None where the sums hold other messages or too few.

        `newer`: how many usual messages stand before the run.
        """
        sums, room = self.sums, self.pieces.budget - self.used
        end = len(sums.messages) - newer
        if end < 0:
            return None
        oldest = max(0, end - length)
        first = bisect_right(sums.totals, sums.totals[end] - room, oldest, end) if room > 0 else end
        taken = end - first
        if first == oldest and taken < length:
            return None
        # The first one that did not fit has to be the chat's own, too.
        seen = min(taken + 1, length)
        if self.messages.usual(start, start + seen) != sums.messages[end - seen : end][::-1]:
            return None
        if taken:
            self.used += sums.totals[end] - sums.totals[first]
            counts = sums.counts[first:end][::-1]
            self.runs.append(Run(range(start, start + taken), counts, end))
        return taken
