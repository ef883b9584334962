"""What lore may cost: the tokens of everything that wakes."""

from collections.abc import Callable
from math import floor

from core.lorebook.scan_input import ScanSettings

Count = Callable[[str], int]

SLACK = 32
"""More tokens than a message's frame and a torn last token can add to a count."""


def budget_size(settings: ScanSettings, prompt_budget: int) -> int:
    """Tokens that lore may take."""
    size = floor(settings.budget_percent * prompt_budget / 100 + 0.5) or 1
    return min(size, settings.budget_cap) if settings.budget_cap > 0 else size


class Budget:
    """The running sum. As in SillyTavern only text used for recursion counts from earlier passes.

    A token is at least one byte long, so the text is not counted again before the bytes added
    since the last count could fill what was left.
    """

    def __init__(self, size: int, count: Count) -> None:
        self.size = size
        self.is_spent = False
        self._count = count
        self._earlier = ""
        self._open_pass()

    def _open_pass(self) -> None:
        self._text: list[str] = []
        self._base: int | None = None
        self._bound = len(self._earlier.encode("utf-8", "replace")) + SLACK

    def take(self, content: str, is_free: bool) -> bool:
        """Adds a content to the pass; False where it does not fit, which ends the taking."""
        self._text.append(content + "\n")
        self._bound += len(content.encode("utf-8", "replace")) + 1
        if is_free or self._bound < self.size:
            return True
        used = self._counted()
        self._bound = used + SLACK
        self.is_spent = self.is_spent or used >= self.size
        return used < self.size

    def _counted(self) -> int:
        if self._base is None:
            self._base = self._count(self._earlier) if self._earlier else 0
        text = "".join(self._text)
        self._text = [text]
        return self._base + self._count(text)

    def close_pass(self, spread: str) -> None:
        """Ends the pass; `spread` is the text that is searched from now on."""
        if spread:
            self._earlier = spread + "\n" + self._earlier
        self._open_pass()
