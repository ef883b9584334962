"""The text a scan looks at, and which keys occur in which part of it."""

from dataclasses import astuple, dataclass, field

from core.lorebook.keys import KeyIndex
from core.lorebook.scan_input import ScanInput
from core.patterns.characters import WHITE

MAX_DEPTH = 1000
MARK = "\x01"
JOINER = "\n" + MARK


@dataclass(frozen=True, slots=True)
class View:
    """The part of the text that one entry sees in one pass.

    `depth` counts messages; bit n of `extras` adds the n-th of the card's texts. At depth 0
    and below there is nothing to see at all.
    """

    depth: int
    extras: int
    recursion: bool


@dataclass(slots=True)
class Hits:
    """Keys of one index found so far."""

    index: KeyIndex
    newest: dict[int, int] = field(default_factory=dict)
    """Key number → the newest message it stands in, counted from 0 backwards."""
    extras: list[frozenset[int]] = field(default_factory=list)
    everywhere: set[int] = field(default_factory=set)
    recursed: set[int] = field(default_factory=set)
    messages: int = 0

    def sees(self, number: int, view: View) -> bool:
        if view.depth <= 0:
            return False
        if self.newest.get(number, MAX_DEPTH) < view.depth or number in self.everywhere:
            return True
        if view.recursion and number in self.recursed:
            return True
        return view.extras > 0 and any(
            view.extras >> bit & 1 and number in found for bit, found in enumerate(self.extras)
        )


class ScanText:
    """Messages newest first, then the card's texts, the injections and what recursion adds."""

    def __init__(self, scan_input: ScanInput) -> None:
        names = scan_input.settings.include_names
        newest_first = reversed(scan_input.lines[-MAX_DEPTH:])
        self.messages = [
            (f"{line.name}: {line.text}" if names else line.text).strip(WHITE)
            for line in newest_first
        ]
        # In the order of `CompiledEntry.extras`, which is also that of the buffer.
        self.extras: tuple[str, ...] = astuple(scan_input.card)
        self.injections = [text for text in scan_input.injections if text]
        self.recursion: list[str] = []
        self._buffers: dict[View, str] = {}

    def start(self, hits: Hits) -> frozenset[int]:
        """Searches everything but the messages; returns what was found."""
        hits.extras = [hits.index.find(text) if text else frozenset() for text in self.extras]
        for text in self.injections:
            hits.everywhere |= hits.index.find(text)
        return frozenset().union(hits.everywhere, *hits.extras)

    def deepen(self, hits: Hits, depth: int) -> set[int]:
        """Searches messages down to `depth`; returns the keys that were not found before."""
        new: set[int] = set()
        last = min(depth, len(self.messages))
        for number in range(hits.messages, last):
            for key in hits.index.find(self.messages[number]):
                if hits.newest.setdefault(key, number) == number:
                    new.add(key)
        hits.messages = max(hits.messages, last)
        return new

    def add_recursion(self, text: str) -> None:
        """What woke now is searched from the next pass on."""
        self.recursion.append(text)
        self._buffers.clear()

    def recurse(self, hits: Hits) -> frozenset[int]:
        """Searches the text added last."""
        found = hits.index.find(self.recursion[-1])
        hits.recursed |= found
        return found

    def buffer(self, view: View) -> str:
        """The whole view as one text, for patterns."""
        if view.depth <= 0:
            return ""
        if view not in self._buffers:
            self._buffers[view] = self._joined(view)
        return self._buffers[view]

    def _joined(self, view: View) -> str:
        parts = [JOINER.join(self.messages[: view.depth])]
        parts += [text for bit, text in enumerate(self.extras) if view.extras >> bit & 1 and text]
        parts += self.injections
        if view.recursion:
            parts += self.recursion
        return MARK + JOINER.join(parts)
