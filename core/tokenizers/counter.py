"""Counts that are made once, and what a prompt builder counts with."""

import math
import re
import threading
from collections import OrderedDict
from collections.abc import Iterable

from core.errors import NeedCounts
from core.tokenizers.tokenizer import Estimate, Joins, Tokenizer

REMEMBERED = 16_000_000
"""Characters of the texts whose counts are kept, for each tokenizer."""
REMOTE_BATCH = 32
"""Texts a server counts before the counts are kept: a slow one gets further with each reply."""
LONG = 6_000
"""A text of more characters is counted in pieces and not kept as a whole."""

_BREAK = re.compile(r"(?<!\s)\n(?=[^\W_]|<)")
"""A single line break between words: no vocabulary of the catalog has a token across it."""


class Counter:
    """One tokenizer with a memory; the oldest counts leave first."""

    def __init__(self, tokenizer: Tokenizer, *, remote: bool = False) -> None:
        self.tokenizer = tokenizer
        self.remote = remote
        self.rests_until = 0.0
        """When a server that did not count may be asked again, on the monotonic clock."""
        # By hand: cachetools weighs the values of a cache, here the keys have the weight.
        self._counts: OrderedDict[str, int] = OrderedDict()
        self._characters = 0
        self._lock = threading.Lock()

    def known(self, text: str) -> int | None:
        """The remembered count; a local tokenizer counts a new text on the spot."""
        count = 0 if not text else self._counts.get(text)
        if count is None and not self.remote:
            count = self._count(text)
        return count

    def behind(self, text: str) -> int | None:
        """What `text` adds to one that ends with a line break.

        None where that cannot be told: a remote tokenizer, or a text whose borders may melt into
        what is around it. Such texts are whole lines, beginning with a letter, figure or `<`.
        """
        joins = self.tokenizer.joins
        if joins is Joins.UNKNOWN or not is_whole_lines(text):
            return None
        before = "" if joins is Joins.FREELY else "\n"
        count, nothing = self.known(before + text), self._whole(before)
        return None if count is None else count - nothing

    async def prime(self, texts: Iterable[str]) -> None:
        """Counts all new texts, off the event loop; what has been counted is kept in any case."""
        new = list(dict.fromkeys(text for text in texts if text and text not in self._counts))
        size = REMOTE_BATCH if self.remote else max(len(new), 1)
        for start in range(0, len(new), size):
            batch = new[start : start + size]
            for text, count in zip(batch, await self.tokenizer.count_many(batch), strict=True):
                self.remember(text, count)

    def remember(self, text: str, count: int) -> int:
        """Keeps a count, e.g. one stored with its message."""
        with self._lock:
            if text not in self._counts:
                self._characters += len(text)
            self._counts[text] = count
            while self._characters > REMEMBERED and len(self._counts) > 1:
                self._characters -= len(self._counts.popitem(last=False)[0])
        return count

    def _count(self, text: str) -> int:
        if len(text) <= LONG:
            return self.remember(text, self.tokenizer.count(text))
        pieces = _BREAK.split(text) if self.tokenizer.joins is not Joins.UNKNOWN else []
        if len(pieces) < 2:
            return self.tokenizer.count(text)
        lines = [f"{pieces[0]}\n", *(f"\n{piece}\n" for piece in pieces[1:-1]), f"\n{pieces[-1]}"]
        total = sum(self._whole(line) for line in lines)
        # What is counted with every piece: special tokens and the break itself.
        return total - (len(lines) - 1) * self._whole("\n")

    def _whole(self, text: str) -> int:
        count = self._counts.get(text)
        return self.remember(text, self.tokenizer.count(text)) if count is None else count


class Counting:
    """Counts for one build of one prompt.

    Texts that a remote tokenizer has not counted yet are estimated and gathered; `settle` then
    raises `NeedCounts` so that they can be fetched in one batch and the prompt built again.
    `factor` corrects an estimate.
    """

    def __init__(self, counter: Counter, factor: float = 1.0) -> None:
        self._counter = counter
        self._estimate = Estimate()
        self._factor = factor
        self.missing: dict[str, None] = {}

    def __call__(self, text: str) -> int:
        count = self._counter.known(text)
        if count is None:
            self.missing[text] = None
            count = self._estimate.count(text)
        return count if self._factor == 1.0 else math.ceil(count * self._factor)

    def behind(self, text: str) -> int | None:
        """As the counter's; corrected counts do not add up."""
        return self._counter.behind(text) if self._factor == 1.0 else None

    @property
    def is_exact(self) -> bool:
        """Whether every number was the tokenizer's own."""
        return self._counter.tokenizer.is_exact and not self.missing

    def settle(self) -> None:
        """Raises NeedCounts where estimates stood in."""
        if self.missing:
            raise NeedCounts(tuple(self.missing))


def is_whole_lines(text: str) -> bool:
    """Whether a text stands between line breaks without melting into them."""
    first = text[:1]
    begins = first == "<" or first.isalnum()
    return begins and text.endswith("\n") and len(text) > 1 and not text[-2].isspace()
