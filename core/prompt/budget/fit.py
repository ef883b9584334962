"""Decides what of the chat and the examples fits; the one place that knows the budget."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

Count = Callable[[str], int]
"""Tokens of a text. May raise NeedCounts, which passes through unchanged."""


class Messages(Protocol):
    """The chat's messages as they would be sent, newest first, formatted when asked for."""

    def __len__(self) -> int: ...

    def text(self, index: int) -> str:
        """The formatted message."""
        ...

    def is_user(self, index: int) -> bool:
        """Whether it is a person's turn, or one that is formatted as such."""
        ...


@dataclass(frozen=True, slots=True)
class Material:
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
    tail: str = ""
    """The message that is continued."""
    finish: Callable[[list[str], int], str] = field(default=lambda messages, openings: "")
    """Joins messages, oldest first, with the opening applied so many times to the last one."""


@dataclass(slots=True)
class Window:
    """The choice: which messages (indices, newest first), how many example elements."""

    kept: Sequence[int] = ()
    fitted: Collection[int] = ()
    """Those that fitted at first; for a continued message some may have left again."""
    examples: int = 0
    aligned: bool = False
    openings: int = 1
    counts: Mapping[int, int] = field(default_factory=dict)
    used: int = 0


class WindowPolicy(Protocol):
    """A rule for what leaves the window. Nothing else depends on which one works."""

    def choose(self, material: Material, count: Count) -> Window:
        """The window. Never changes what is fixed: story, pinned examples, chat start, tail."""
        ...


class ExactWindow:
    """SillyTavern's sliding window: as many of the newest messages as fit, then examples."""

    def choose(self, material: Material, count: Count) -> Window:
        """The same messages and examples that SillyTavern would send."""
        counter = WindowCounter(material, count)
        window = Window()
        used = counter.whole(fixed(material))
        kept, window.counts = self._fill(material, counter, used)
        window.used = used + sum(window.counts.values())
        window.aligned = needs_alignment(material, max(kept, default=0))
        window.kept = sorted(kept)
        window.fitted = window.kept
        if material.examples:
            add_examples(material, counter, window, self._whole(material, counter, window, kept))
        if material.tail:
            self._shrink(material, counter, window)
        return window

    def _fill(
        self, material: Material, counter: "WindowCounter", used: int
    ) -> tuple[list[int], dict[int, int]]:
        """Indices in the order in which they were taken: injected ones, then newest to oldest.

        Both loops stop at the first message that does not fit but share one running sum, so an
        injection that does not fit keeps all history out as well (SEMANTICS 15).
        """
        kept: list[int] = []
        counts: dict[int, int] = {}
        for indices in (material.injected, range(len(material.messages))):
            for index in indices:
                if index in counts:
                    continue
                tokens = counter.message(index)
                used += tokens
                if used >= material.budget:
                    break
                counts[index] = tokens
                kept.append(index)
        return kept, counts

    def _whole(
        self, material: Material, counter: "WindowCounter", window: Window, kept: list[int]
    ) -> int:
        """Tokens of what has been chosen, in the order in which it was taken."""
        texts = [material.messages.text(index) for index in kept]
        end = material.opening + material.tail
        return counter.whole("".join((head_of(material, window), *texts, end)))

    def _shrink(self, material: Material, counter: "WindowCounter", window: Window) -> None:
        """For a continued message: leaves out examples, then the oldest messages, until it fits."""
        texts = [material.messages.text(index) for index in reversed(window.kept)]
        if window.aligned:
            texts.insert(0, material.alignment)
        while True:
            examples = material.pinned + "".join(material.examples[: window.examples])
            chat = material.chat_start + material.finish(texts, window.openings)
            # A line end and a second opening are counted although they are not sent.
            spare = "\n" + material.opening
            window.used = counter.whole(material.story + examples + chat + spare + material.tail)
            if window.used <= material.budget:
                return
            if window.examples:
                window.examples -= 1
            elif texts:
                texts.pop(0)
                if window.aligned:
                    window.aligned = False
                else:
                    window.kept = window.kept[:-1]
            else:
                return
            # Each round opens the reply once more (SEMANTICS 15, the name printed twice).
            window.openings += 1


def fixed(material: Material) -> str:
    """What is sent whatever fits beside it."""
    head = material.story + material.pinned + material.alignment + material.chat_start
    return head + material.opening + material.tail


def head_of(material: Material, window: Window) -> str:
    """What stands before the messages where all that was chosen is counted as one text."""
    # The alignment message stands twice in this count, as in SillyTavern's.
    again = material.alignment if window.aligned else ""
    return material.story + material.pinned + material.alignment + again + material.chat_start


def needs_alignment(material: Material, oldest: int) -> bool:
    """Whether a person's message has to be put in front of the oldest one that is kept."""
    begins = len(material.messages) and material.messages.is_user(oldest)
    return bool(material.alignment) and not begins


def add_examples(material: Material, counter: "WindowCounter", window: Window, used: int) -> None:
    """Adds elements while they fit beside `used`, all that was chosen counted as one text."""
    window.used = used
    for element in material.examples:
        used += counter.text(element)
        if used >= material.budget:
            break
        window.examples += 1
        window.used = used


class WindowCounter:
    """Counts as SillyTavern does: without carriage returns, nothing for an empty text."""

    def __init__(self, material: Material, count: Count) -> None:
        self._material = material
        self._count = count

    def text(self, text: str) -> int:
        text = text.replace("\r", "") if "\r" in text else text
        return self._count(text) if text else 0

    def message(self, index: int) -> int:
        return self.text(self._material.messages.text(index))

    def whole(self, text: str) -> int:
        return self.text(text) + self._material.padding if text else 0
