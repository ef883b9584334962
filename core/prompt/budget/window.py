"""Decides what of the chat and the examples fits; the one place that knows the token budget."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Protocol

Count = Callable[[str], int]
"""Tokens of a text. May raise NeedCounts, which passes through unchanged."""


class Messages(Protocol):
    """The chat's messages as they would be sent, newest first, formatted when asked for."""

    def __len__(self) -> int: ...

    def text(self, index: int) -> str:
        """The formatted message."""

    def is_user(self, index: int) -> bool:
        """Whether it is a person's turn, or one that is formatted as such."""


@dataclass(frozen=True, slots=True)
class WindowInput:
    """What is to be fitted. `budget` in tokens; `padding` is added once to each whole prompt."""

    budget: int
    padding: int
    story: str
    pinned: str
    """Examples that are never left out."""
    examples: Sequence[str]
    """Elements added last, in order, while they fit."""
    chat_start: str
    messages: Messages
    injected: Sequence[int]
    """Indices of notes and lore among the messages, in the order of insertion."""
    alignment: str
    """A person's message put in front of a chat that does not begin with one; may be empty."""
    opening: str
    """What opens the reply, as it follows an empty text."""
    continued: str = ""
    """The message that is continued."""
    kept: Sequence[int] = ()
    """Indices of messages that are taken whether they fit or not."""
    is_counted_later: bool = False
    """Whoever asks counts the finished text; nothing leaves again for its sake here."""
    finish: Callable[[list[str], int], str] = field(default=lambda messages, openings: "")
    """Joins messages, oldest first, with the opening applied so many times to the last one."""


@dataclass(frozen=True, slots=True)
class Run:
    """Messages that were taken together: their indices, newest first, and their tokens.

    `end`: where they end in the running sums, oldest first; None where they do not stand there.
    """

    indices: Sequence[int]
    counts: Sequence[int]
    end: int | None = None


@dataclass
class WindowChoice:
    """The choice: which messages (in runs, newest first), how many example elements.

    The single messages are listed where they are asked for: to decide costs no list.
    """

    runs: Sequence[Run]
    used: int
    aligned: bool
    examples: int = 0
    openings: int = 1
    left: int = 0
    """How many of the oldest have left again, for a continued message."""

    @cached_property
    def fitted(self) -> list[int]:
        """Indices of the messages that fitted at first."""
        return [*chain.from_iterable(run.indices for run in self.runs)]

    @property
    def kept(self) -> list[int]:
        """Indices of the messages that are sent."""
        return self.fitted[: len(self.fitted) - self.left]

    @cached_property
    def counts(self) -> dict[int, int]:
        counts = chain.from_iterable(run.counts for run in self.runs)
        return dict(zip(self.fitted, counts, strict=True))

    def has(self, indices: Iterable[int]) -> bool:
        """Whether all of these are among them."""
        return all(any(index in run.indices for run in self.runs) for index in indices)


class WindowPolicy(Protocol):
    """A rule for what leaves the window. Nothing else depends on which one works."""

    def choose(self, pieces: WindowInput, count: Count) -> WindowChoice:
        """Never changes what is fixed: story, pinned examples, chat start, continued message."""


class ExactWindow:
    """SillyTavern's sliding window: as many of the newest messages as fit, then examples."""

    def choose(self, pieces: WindowInput, count: Count) -> WindowChoice:
        """The same messages and examples that SillyTavern would send."""
        counter = WindowCounter(pieces, count)
        used = counter.fixed()
        counts = self._fill(pieces, counter, used)
        if not counts.keys() >= set(pieces.kept):
            counts = self._fill_around_kept(pieces, counter, used)
        kept = sorted(counts)
        runs = [Run(kept, [counts[index] for index in kept])] if kept else []
        choice = counter.choice(runs, used + sum(counts.values()))
        if pieces.examples:
            # Counted in the order in which the messages were taken, not in that of the prompt.
            texts = "".join(map(pieces.messages.text, counts))
            counter.add_examples(choice, counter.chosen(choice, texts))
        if pieces.continued and not pieces.is_counted_later:
            self._shrink(pieces, counter, choice)
        return choice

    def _fill(self, pieces: WindowInput, counter: "WindowCounter", used: int) -> dict[int, int]:
        """Tokens by index in the order of taking: injected ones, then newest to oldest.

        Both loops stop at the first message that does not fit but share one running sum, so an
        injection that does not fit keeps all history out as well, as in SillyTavern 1.19.0.
        """
        counts: dict[int, int] = {}
        for indices in (pieces.injected, range(len(pieces.messages))):
            for index in indices:
                if index in counts:
                    continue
                tokens = counter.message(index)
                used += tokens
                if used >= pieces.budget:
                    break
                counts[index] = tokens
        return counts

    def _fill_around_kept(
        self, pieces: WindowInput, counter: "WindowCounter", used: int
    ) -> dict[int, int]:
        """Tokens by index: first of those that may not be missing, then newest to oldest."""
        counts = {index: counter.message(index) for index in pieces.kept}
        used += sum(counts.values())
        for index in range(len(pieces.messages)):
            if used >= pieces.budget:
                break
            if index not in counts:
                tokens = counter.message(index)
                used += tokens
                if used < pieces.budget:
                    counts[index] = tokens
        return counts

    def _shrink(self, pieces: WindowInput, counter: "WindowCounter", choice: WindowChoice) -> None:
        """For a continued message: leaves out examples, then the oldest messages, until it fits."""
        texts = [pieces.messages.text(index) for index in reversed(choice.kept)]
        if choice.aligned:
            texts.insert(0, pieces.alignment)
        while True:
            examples = pieces.pinned + "".join(pieces.examples[: choice.examples])
            chat = pieces.chat_start + pieces.finish(texts, choice.openings)
            # A line end and a second opening are counted although they are not sent.
            spare = "\n" + pieces.opening
            choice.used = counter.whole(pieces.story + examples + chat + spare + pieces.continued)
            if choice.used <= pieces.budget:
                return
            if choice.examples:
                choice.examples -= 1
            elif texts:
                texts.pop(0)
                if choice.aligned:
                    choice.aligned = False
                else:
                    choice.left += 1
            else:
                return
            # SillyTavern 1.19.0 opens the reply once more each round: the name stands twice then.
            choice.openings += 1


class WindowCounter:
    """Counts as SillyTavern does: without carriage returns, nothing for an empty text."""

    def __init__(self, pieces: WindowInput, count: Count) -> None:
        self._pieces = pieces
        self._count = count

    def text(self, text: str) -> int:
        text = text.replace("\r", "") if "\r" in text else text
        return self._count(text) if text else 0

    def message(self, index: int) -> int:
        return self.text(self._pieces.messages.text(index))

    def whole(self, text: str) -> int:
        return self.text(text) + self._pieces.padding if text else 0

    def fixed(self) -> int:
        """Tokens of what is sent whatever fits beside it."""
        pieces = self._pieces
        head = pieces.story + pieces.pinned + pieces.alignment + pieces.chat_start
        return self.whole(head + pieces.opening + pieces.continued)

    def choice(self, runs: Sequence[Run], used: int) -> WindowChoice:
        """The choice of these runs, newest first, without examples."""
        messages, oldest = self._pieces.messages, runs[-1].indices[-1] if runs else 0
        # Whether a person's message has to be put in front of the oldest one that is kept.
        begins = len(messages) > 0 and messages.is_user(oldest)
        return WindowChoice(runs, used, bool(self._pieces.alignment) and not begins)

    def head(self, choice: WindowChoice) -> str:
        """What stands before the messages where all that was chosen is counted as one text."""
        pieces = self._pieces
        # The alignment message stands twice in this count, as in SillyTavern's.
        again = pieces.alignment if choice.aligned else ""
        return pieces.story + pieces.pinned + pieces.alignment + again + pieces.chat_start

    def chosen(self, choice: WindowChoice, messages: str) -> int:
        """Tokens of all that was chosen, counted as one text."""
        end = self._pieces.opening + self._pieces.continued
        return self.whole(self.head(choice) + messages + end)

    def add_examples(self, choice: WindowChoice, used: int) -> None:
        """Adds elements while they fit beside `used`, all that was chosen counted as one text."""
        choice.used = used
        for element in self._pieces.examples:
            used += self.text(element)
            if used >= self._pieces.budget:
                break
            choice.examples += 1
            choice.used = used
