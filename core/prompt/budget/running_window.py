"""The sliding window decided from running sums, so that a long chat costs what is new in it."""

from bisect import bisect_right
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import cast

from core.prompt.budget.fit import (
    Count,
    ExactWindow,
    Material,
    Window,
    WindowCounter,
    add_examples,
    fixed,
    head_of,
    needs_alignment,
)
from core.prompt.budget.running_sums import Behind, Counts, Follower, Sums, UsualMessages
from core.prompt.budget.spans import Run, RunCounts, Spans

ANY_LINE = "a\n"
"""Stands for the whole line in front of a text whose share is asked for."""


class RunningWindow:
    """Chooses what `ExactWindow` chooses. One object for one prompt; `sums` last longer."""

    def __init__(self, sums: Sums, behind: Behind, counts: Counts | None = None) -> None:
        self._sums = sums
        self._behind = behind
        self._counts = counts

    def choose(self, material: Material, count: Count) -> Window:
        """The window.

        Without the sums where messages are formatted in other ways than usual, or while another
        prompt of the chat is being made.
        """
        frame = getattr(material.messages, "frame", None)
        if frame is None or not self._sums.lock.acquire(blocking=False):
            return ExactWindow().choose(material, count)
        try:
            return self._choose(material, WindowCounter(material, count), frame)
        finally:
            self._sums.lock.release()

    def _choose(self, material: Material, counter: WindowCounter, frame: Hashable) -> Window:
        messages = cast(UsualMessages, material.messages)
        behind = self._behind if material.examples else None
        follower = Follower(self._sums, messages, counter.message, behind, self._counts)
        follower.follow(frame, material.budget)
        used = counter.whole(fixed(material))
        filling = _Filling(material, messages, counter, self._sums, used)
        if not filling.run():
            # Something older has changed, or the window reaches further back than the sums.
            follower.restart(material.budget)
            filling = _Filling(material, messages, counter, self._sums, used)
            filling.run()
        window = Window(
            kept=Spans(filling.runs),
            counts=RunCounts(filling.runs, self._sums.counts[:]),
            used=filling.used,
            aligned=needs_alignment(material, filling.oldest),
        )
        window.fitted = window.kept
        if material.examples:
            add_examples(material, counter, window, self._whole(material, counter, window, filling))
        return window

    def _whole(
        self, material: Material, counter: WindowCounter, window: Window, filling: "_Filling"
    ) -> int:
        """All that was chosen, counted as one text: by what whole lines add to one another."""
        head, sums, total = head_of(material, window), self._sums, 0
        end = material.opening + material.tail
        for run in filling.runs:
            if run.count is None:
                first = run.end - run.length
                added = None if sums.odd[run.end] > sums.odd[first] else 0
                total += sums.behind[run.end] - sums.behind[first]
            else:
                added = self._behind(material.messages.text(run.start))
            if added is None:
                return self._counted(material, counter, window, filling)
            total += added
        # Messages are whole lines; so must be what they stand behind.
        if not filling.runs or not head.endswith("\n") or head[-2:-1].isspace():
            return self._counted(material, counter, window, filling)
        share = counter.text(ANY_LINE + end) - counter.text(ANY_LINE)
        return counter.whole(head) + total + share

    @staticmethod
    def _counted(
        material: Material, counter: WindowCounter, window: Window, filling: "_Filling"
    ) -> int:
        text = material.messages.text
        indices = (range(run.start, run.start + run.length) for run in filling.runs)
        chat = "".join(text(index) for run in indices for index in run)
        return counter.whole(head_of(material, window) + chat + material.opening + material.tail)


@dataclass(slots=True)
class _Filling:
    """Takes injected messages, then the newest ones, until the budget is used up."""

    material: Material
    messages: UsualMessages
    counter: WindowCounter
    sums: Sums
    used: int
    runs: list[Run] = field(default_factory=list)
    """In the order in which they were taken."""
    alone: set[int] = field(default_factory=set)
    oldest: int = 0

    def run(self) -> bool:
        """False where the sums do not fit the chat."""
        for index in self.material.injected:
            if index not in self.alone and not self._takes(index):
                return True
        start, passed, length = 0, 0, len(self.messages)
        for end in (*self.messages.peculiar, length):
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
        if self.used + tokens >= self.material.budget:
            return False
        self.used += tokens
        self.alone.add(index)
        self.runs.append(Run(index, count=tokens))
        self.oldest = max(self.oldest, index)
        return True

    def _take_run(self, start: int, length: int, newer: int) -> int | None:
        """How many of a run were taken; None where the sums hold other messages or too few.

        `newer`: how many usual messages stand before the run.
        """
        sums, room = self.sums, self.material.budget - self.used
        end = len(sums.lines) - newer
        if end < 0:
            return None
        oldest = max(0, end - length)
        first = bisect_right(sums.totals, sums.totals[end] - room, oldest, end) if room > 0 else end
        taken = end - first
        if first == oldest and taken < length:
            return None
        # The first one that did not fit has to be the chat's own, too.
        seen = min(taken + 1, length)
        if self.messages.lines(start, start + seen) != sums.lines[end - seen : end][::-1]:
            return None
        if taken:
            self.used += sums.totals[end] - sums.totals[first]
            self.runs.append(Run(start, taken, end))
            self.oldest = max(self.oldest, start + taken - 1)
        return taken
