"""The sliding window decided from running sums, so that a long chat costs what is new in it."""

import threading
from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Protocol, cast

from core.prompt.budget.window import (
    Count,
    ExactWindow,
    Messages,
    Run,
    WindowChoice,
    WindowCounter,
    WindowInput,
)
from core.prompt.context import HistoryMessage

MARGIN = 1.25
"""Share of the budget that is counted ahead, so that a window that grows needs no new start."""
LOOK_BACK = 64
"""Newest messages among which the end of the last window is looked for."""
MOST = 4
"""The sums are begun anew when they hold so many times the budget."""

Behind = Callable[[str], int | None]
"""Tokens that whole lines add to a text in front of them; None where that cannot be told."""
ANY_LINE = "a\n"
"""Stands for the whole line in front of a text whose share is asked for."""


class KnownCounts(Protocol):
    """What is remembered of messages beyond this process."""

    def get(self, message: HistoryMessage, text: str) -> int | None:
        """Tokens of a message, where they were counted for this very text."""

    def put(self, message: HistoryMessage, text: str, count: int) -> None:
        """Keeps what has been counted."""


class UsualMessages(Messages, Protocol):
    """Messages, newest first, of which all but a few are formatted each for itself and alike."""

    @property
    def format_key(self) -> Hashable | None:
        """What the usual format depends on; None where equal messages may come out differently."""

    @property
    def unusual(self) -> list[int]:
        """Indices of all others, ascending."""

    def usual(self, start: int, end: int) -> list[HistoryMessage]:
        """The messages from `start` to before `end`, none of them unusual."""


@dataclass(slots=True)
class RunningSums:
    """Running sums over one chat's usual messages, oldest first."""

    format_key: Hashable = None
    messages: list[HistoryMessage] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    totals: list[int] = field(default_factory=lambda: [0])
    """`totals[i]`: tokens of the first i messages."""
    behind: list[int] = field(default_factory=lambda: [0])
    """The same of what each message adds to a text in front of it."""
    untold: list[int] = field(default_factory=lambda: [0])
    """How many of the first i messages cannot be told by what they add."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def append(self, message: HistoryMessage, count: int, behind: int | None) -> None:
        """Adds the next newer message."""
        self.messages.append(message)
        self.counts.append(count)
        self.totals.append(self.totals[-1] + count)
        self.behind.append(self.behind[-1] + (behind or 0))
        self.untold.append(self.untold[-1] + (behind is None))

    def keep(self, length: int) -> None:
        """Forgets all but the first messages."""
        del self.messages[length:], self.counts[length:]
        del self.totals[length + 1 :], self.behind[length + 1 :], self.untold[length + 1 :]


@dataclass(frozen=True, slots=True)
class SumsUpdate:
    """Brings the sums up to the chat as it stands now."""

    sums: RunningSums
    messages: UsualMessages
    count: Callable[[int], int]
    """Tokens of the message at an index."""
    behind: Behind | None
    """None: not asked for."""
    counts: KnownCounts | None

    def run(self, format_key: Hashable, budget: int) -> None:
        """Adds what is new; begins anew where the sums belong to another chat or format."""
        sums, key = self.sums, (format_key, self.behind is not None)
        if sums.format_key != key or sums.totals[-1] > MOST * budget or not self._joined():
            sums.format_key = key
            self.restart(budget)

    def restart(self, budget: int) -> None:
        """Counts from the newest message back, somewhat further than the budget goes."""
        self.sums.keep(0)
        found, total = [], 0
        for index, message in self._newest():
            measured = self._measured(index, message)
            found.append((message, *measured))
            total += measured[0]
            if total > MARGIN * budget:
                break
        for one in reversed(found):
            self.sums.append(*one)

    def _joined(self) -> bool:
        """Adds the messages that are newer than the sums, or drops those that are gone."""
        new: list[tuple[int, HistoryMessage]] = []
        known = self.sums.messages
        for index, message in self._newest():
            if known and is_same(message, known[-1]):
                for older in reversed(new):
                    self.sums.append(older[1], *self._measured(*older))
                return True
            new.append((index, message))
            if len(new) == LOOK_BACK:
                break
        for gone, message in enumerate(reversed(known[-LOOK_BACK:])):
            if new and is_same(message, new[0][1]):
                self.sums.keep(len(known) - gone)
                return True
        return not new and not known

    def _newest(self) -> Iterator[tuple[int, HistoryMessage]]:
        """The usual messages from the newest on, with their indices."""
        start, step = 0, 4
        for end in (*self.messages.unusual, len(self.messages)):
            # In pieces: nearly always the first few are enough.
            while start < end:
                piece = min(end, start + step)
                yield from enumerate(self.messages.usual(start, piece), start)
                start, step = piece, LOOK_BACK
            start = end + 1

    def _measured(self, index: int, message: HistoryMessage) -> tuple[int, int | None]:
        text = self.messages.text(index)
        count = self.counts.get(message, text) if self.counts else None
        if count is None:
            count = self.count(index)
            if self.counts:
                self.counts.put(message, text, count)
        return count, self.behind(text) if self.behind else None


def is_same(one: HistoryMessage, other: HistoryMessage) -> bool:
    """Whether two are the same message with the same words."""
    return one is other or (one.id == other.id and one == other)


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

        Without the sums where messages are formatted in other ways than usual, while another
        prompt of the chat is being made, or where one that may not be missing does not fit.
        """
        key = getattr(pieces.messages, "format_key", None)
        if key is None or not self._sums.lock.acquire(blocking=False):
            return ExactWindow().choose(pieces, count)
        try:
            choice = self._choose(pieces, WindowCounter(pieces, count), key)
        finally:
            self._sums.lock.release()
        return choice if choice.has(pieces.kept) else ExactWindow().choose(pieces, count)

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
        choice = counter.choice(sorted(taking.runs, key=lambda run: run.indices[0]), taking.used)
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
                added = self._behind(pieces.messages.text(run.indices[0]))
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
            self.runs.append(Run(range(start, start + taken), sums.counts[first:end][::-1], end))
        return taken
