"""The sliding window decided from running sums, so that a long chat costs what is new in it."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field

from core.prompt.fit import ExactWindow, Material, Window, WindowCounter, end_of, head_of
from core.prompt.sums import Behind, Counts, Follower, Sums, UsualMessages


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring usual messages in the window: `length` from `start` on, up to `end` in sums."""

    start: int
    length: int
    end: int


class RunningWindow(ExactWindow):
    """Chooses what `ExactWindow` chooses. One object for one prompt; `sums` last longer."""

    def __init__(self, sums: Sums, behind: Behind, counts: Counts | None = None) -> None:
        self._sums = sums
        self._behind = behind
        self._counts = counts
        self._filling: _Filling | None = None

    def choose(self, material: Material, count: Callable[[str], int]) -> Window:
        """The window. While another prompt of the chat is being made, without the sums."""
        if not self._sums.lock.acquire(blocking=False):
            return ExactWindow().choose(material, count)
        try:
            return super().choose(material, count)
        finally:
            self._sums.lock.release()

    def _fill(
        self, material: Material, counter: WindowCounter, window: Window, used: int
    ) -> list[int]:
        messages = material.messages
        if not isinstance(messages, UsualMessages) or messages.frame is None:
            return super()._fill(material, counter, window, used)
        behind = self._behind if material.examples else None
        follower = Follower(self._sums, messages, counter.message, behind, self._counts)
        follower.follow(material.budget)
        self._filling = _Filling(material, messages, counter, self._sums, used)
        if not self._filling.run():
            # Something older has changed, or the window reaches further back than the sums.
            follower.restart(material.budget)
            self._filling = _Filling(material, messages, counter, self._sums, used)
            self._filling.run()
        window.counts.update(self._filling.counts)
        return self._filling.kept

    def _whole(
        self, material: Material, counter: WindowCounter, window: Window, kept: list[int]
    ) -> int:
        """As one count of all text: whole lines between whole lines are left out and added."""
        filling, sums = self._filling, self._sums
        runs = [run for run in filling.runs if run.length > 1] if filling else []
        if filling is None or any(
            sums.odd[run.end] > sums.odd[run.end - run.length] for run in runs
        ):
            return super()._whole(material, counter, window, kept)
        texts = [material.messages.text(index) for index in filling.shown]
        rest = counter.whole("".join((*head_of(material, window), *texts, *end_of(material))))
        return rest + sum(
            sums.behind[run.end - 1] - sums.behind[run.end - run.length + 1] for run in runs
        )


@dataclass(slots=True)
class _Filling:
    """Takes injected messages, then the newest ones, until the budget is used up."""

    material: Material
    messages: UsualMessages
    counter: WindowCounter
    sums: Sums
    used: int
    kept: list[int] = field(default_factory=list)
    counts: dict[int, int] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    shown: list[int] = field(default_factory=list)
    """Of `kept`, all but the inner messages of the runs."""

    def run(self) -> bool:
        """False where the sums do not fit the chat."""
        peculiar = self.messages.peculiar
        for index in self.material.injected:
            if index not in self.counts and not self._takes(index):
                return True
        start, passed = 0, 0
        for end in (*peculiar, len(self.messages)):
            newest = len(self.sums.lines) - (start - passed)
            taken = self._take_run(start, end - start, newest) if end > start else 0
            if taken is None:
                return False
            if taken < end - start:
                return True
            if end in self.counts or end == len(self.messages):
                pass
            elif not self._takes(end):
                return True
            start, passed = end + 1, passed + 1
        return True

    def _takes(self, index: int) -> bool:
        """Takes one message, if it fits."""
        tokens = self.counter.message(index)
        self.used += tokens
        if self.used >= self.material.budget:
            return False
        self.counts[index] = tokens
        self.kept.append(index)
        self.shown.append(index)
        return True

    def _take_run(self, start: int, length: int, end: int) -> int | None:
        """How many of a run were taken; None where the sums hold other messages or too few."""
        sums, room = self.sums, self.material.budget - self.used
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
            self.counts.update(
                zip(range(start, start + taken), sums.counts[first:end][::-1], strict=True)
            )
            self.kept.extend(range(start, start + taken))
            self.shown.extend(sorted({start, start + taken - 1}))
            self.runs.append(Run(start, taken, end))
        return taken
