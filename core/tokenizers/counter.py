"""Counts that are made once, and what a prompt builder counts with."""

from collections import OrderedDict
from collections.abc import Iterable

from core.errors import NeedCounts
from core.tokenizers.base import Tokenizer
from core.tokenizers.estimate import Estimate

REMEMBERED = 50_000
"""Texts whose counts are kept; about 10 MB of text at the most usual message length."""


class Counter:
    """One tokenizer with a memory; the counts used longest ago leave first."""

    def __init__(self, tokenizer: Tokenizer, *, remote: bool = False) -> None:
        self.tokenizer = tokenizer
        self.remote = remote
        self._counts: OrderedDict[str, int] = OrderedDict()

    def known(self, text: str) -> int | None:
        """The remembered count; a local tokenizer counts a new text on the spot."""
        count = 0 if not text else self._counts.get(text)
        if count is None and not self.remote:
            count = self.remember(text, self.tokenizer.count(text))
        return count

    async def prime(self, texts: Iterable[str]) -> None:
        """Counts all new texts in one batch, off the event loop."""
        new = list(dict.fromkeys(text for text in texts if text and text not in self._counts))
        if not new:
            return
        for text, count in zip(new, await self.tokenizer.count_many(new), strict=True):
            self.remember(text, count)

    def remember(self, text: str, count: int) -> int:
        """Keeps a count, e.g. one stored with its message."""
        self._counts[text] = count
        if len(self._counts) > REMEMBERED:
            self._counts.popitem(last=False)
        return count


class Counting:
    """Counts for one build of one prompt.

    Texts that a remote tokenizer has not counted yet are estimated and gathered; `settle` then
    raises `NeedCounts` so that they can be fetched in one batch and the prompt built again.
    """

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._estimate = Estimate()
        self.missing: dict[str, None] = {}

    def __call__(self, text: str) -> int:
        """Tokens of `text`."""
        count = self._counter.known(text)
        if count is None:
            self.missing[text] = None
            return self._estimate.count(text)
        return count

    @property
    def is_exact(self) -> bool:
        """Whether every number was the model's own."""
        return self._counter.tokenizer.is_exact and not self.missing

    def settle(self) -> None:
        """Raises NeedCounts where estimates stood in."""
        if self.missing:
            raise NeedCounts(tuple(self.missing))
