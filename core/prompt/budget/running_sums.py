"""Running sums over one chat's messages, kept from prompt to prompt."""

import threading
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from core.prompt.context import Line

MARGIN = 1.25
"""Share of the budget that is counted ahead, so that a window that grows needs no new start."""
LOOK_BACK = 64
"""Newest messages among which the end of the last window is looked for."""
MOST = 4
"""The sums are begun anew when they hold so many times the budget."""

Behind = Callable[[str], int | None]
"""Tokens that whole lines add to a text in front of them; None where that cannot be told."""


class Counts(Protocol):
    """What is remembered of messages beyond this process."""

    def get(self, line: Line, text: str) -> int | None:
        """Tokens of a message, where they were counted for this very text."""
        ...

    def put(self, line: Line, text: str, count: int) -> None:
        """Keeps what has been counted."""
        ...


class UsualMessages(Protocol):
    """Messages, newest first, of which all but a few are formatted each for itself and alike."""

    @property
    def frame(self) -> Hashable | None:
        """What the usual format depends on; None where equal lines may come out differently."""
        ...

    @property
    def peculiar(self) -> list[int]:
        """Indices of all others, ascending."""
        ...

    def __len__(self) -> int: ...

    def text(self, index: int) -> str:
        """The formatted message."""
        ...

    def lines(self, start: int, end: int) -> list[Line]:
        """The messages from `start` to before `end`, all of them usual ones."""
        ...


@dataclass(slots=True)
class Sums:
    """Running sums over one chat's usual messages, oldest first."""

    frame: Hashable = None
    lines: list[Line] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    totals: list[int] = field(default_factory=lambda: [0])
    """`totals[i]`: tokens of the first i messages."""
    behind: list[int] = field(default_factory=lambda: [0])
    """The same of what each message adds to a text in front of it."""
    odd: list[int] = field(default_factory=lambda: [0])
    """How many of the first i messages cannot be told by what they add."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def append(self, line: Line, count: int, behind: int | None) -> None:
        """Adds the next newer message."""
        self.lines.append(line)
        self.counts.append(count)
        self.totals.append(self.totals[-1] + count)
        self.behind.append(self.behind[-1] + (behind or 0))
        self.odd.append(self.odd[-1] + (behind is None))

    def keep(self, length: int) -> None:
        """Forgets all but the first messages."""
        del self.lines[length:], self.counts[length:]
        del self.totals[length + 1 :], self.behind[length + 1 :], self.odd[length + 1 :]


@dataclass(frozen=True, slots=True)
class Follower:
    """Brings the sums up to the chat as it stands now."""

    sums: Sums
    messages: UsualMessages
    count: Callable[[int], int]
    """Tokens of the message at an index."""
    behind: Behind | None
    """None: not asked for."""
    counts: Counts | None

    def follow(self, form: Hashable, budget: int) -> None:
        """Adds what is new; begins anew where the sums belong to another chat or format."""
        sums, frame = self.sums, (form, self.behind is not None)
        if sums.frame != frame or sums.totals[-1] > MOST * budget or not self._joined():
            sums.frame = frame
            self.restart(budget)

    def restart(self, budget: int) -> None:
        """Counts from the newest message back, somewhat further than the budget goes."""
        self.sums.keep(0)
        found, total = [], 0
        for index, line in self._newest():
            measured = self._measured(index, line)
            found.append((line, *measured))
            total += measured[0]
            if total > MARGIN * budget:
                break
        for one in reversed(found):
            self.sums.append(*one)

    def _joined(self) -> bool:
        """Adds the messages that are newer than the sums, or drops those that are gone."""
        new: list[tuple[int, Line]] = []
        lines = self.sums.lines
        for index, line in self._newest():
            if lines and is_same(line, lines[-1]):
                for older in reversed(new):
                    self.sums.append(older[1], *self._measured(*older))
                return True
            new.append((index, line))
            if len(new) == LOOK_BACK:
                break
        tail = lines[-LOOK_BACK:]
        for place, line in enumerate(reversed(tail)):
            if new and is_same(line, new[0][1]):
                self.sums.keep(len(lines) - place)
                return True
        return not new and not lines

    def _newest(self) -> Iterator[tuple[int, Line]]:
        """The usual messages from the newest on, with their indices."""
        start, step = 0, 4
        for end in (*self.messages.peculiar, len(self.messages)):
            # In pieces: nearly always the first few are enough.
            while start < end:
                piece = min(end, start + step)
                yield from enumerate(self.messages.lines(start, piece), start)
                start, step = piece, LOOK_BACK
            start = end + 1

    def _measured(self, index: int, line: Line) -> tuple[int, int | None]:
        text = self.messages.text(index)
        count = self.counts.get(line, text) if self.counts else None
        if count is None:
            count = self.count(index)
            if self.counts:
                self.counts.put(line, text, count)
        return count, self.behind(text) if self.behind else None


def is_same(one: Line, other: Line) -> bool:
    """Whether two lines are the same message with the same words."""
    return one is other or (one.id == other.id and one == other)
