"""Running sums over one chat's messages, kept from prompt to prompt."""

import threading
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from core.prompt.context import HistoryMessage

MARGIN = 1.25
"""Share of the budget that is counted ahead, so that a window that grows needs no new start."""
LOOK_BACK = 64
"""Newest messages among which the end of the last window is looked for."""
MOST = 4
"""The sums are begun anew when they hold so many times the budget."""

Behind = Callable[[str], int | None]
"""Tokens that whole lines add to a text in front of them; None where that cannot be told."""


class KnownCounts(Protocol):
    """What is remembered of messages beyond this process."""

    def get(self, message: HistoryMessage, text: str) -> int | None:
        """Tokens of a message, where they were counted for this very text."""
        ...

    def put(self, message: HistoryMessage, text: str, count: int) -> None:
        """Keeps what has been counted."""
        ...


class UsualMessages(Protocol):
    """Messages, newest first, of which all but a few are formatted each for itself and alike."""

    @property
    def format_key(self) -> Hashable | None:
        """What the usual format depends on; None where equal messages may come out differently."""
        ...

    @property
    def unusual(self) -> list[int]:
        """Indices of all others, ascending."""
        ...

    def __len__(self) -> int: ...

    def text(self, index: int) -> str:
        """The formatted message."""
        ...

    def usual(self, start: int, end: int) -> list[HistoryMessage]:
        """The messages from `start` to before `end`, none of them unusual."""
        ...


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
        """KnownCounts from the newest message back, somewhat further than the budget goes."""
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
