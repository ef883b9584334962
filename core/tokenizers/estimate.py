"""The estimate that stands in where no tokenizer is at hand, and what servers teach it."""

import math
from collections.abc import Sequence

from cachetools import LRUCache

from core.tokenizers.tokenizer import Joins

BYTES_PER_TOKEN = 3.35

SMALLEST = 50
"""Tokens of a prompt below which a server's own additions would weigh too much."""
FARTHEST = (0.4, 3.0)
"""A report outside of these is no count of this prompt (a cached one, another unit)."""
WEIGHT = 0.3
STEP = 0.02
"""Smaller changes are not taken over, so that a window does not move with every reply."""
MODELS = 256


class Estimate:
    """UTF-8 bytes / 3.35, rounded up: what SillyTavern calls "None"."""

    id = "none"
    is_exact = False
    joins = Joins.UNKNOWN

    def count(self, text: str) -> int:
        """Tokens of `text`, roughly; safe for Japanese, Chinese and Cyrillic."""
        return math.ceil(len(text.encode("utf-8", "surrogatepass")) / BYTES_PER_TOKEN)

    async def count_many(self, texts: Sequence[str]) -> list[int]:
        return [self.count(text) for text in texts]

    def encode(self, text: str) -> list[int]:
        """Nothing: an estimate knows no tokens."""
        return []


class EstimateFactors:
    """One factor per model, learned from its server: reported tokens / estimated ones, smoothed."""

    def __init__(self) -> None:
        self._factors: LRUCache[str, float] = LRUCache(MODELS)

    def factor(self, model: str) -> float:
        """What an estimate for this model is multiplied with."""
        return self._factors.get(model, 1.0)

    def learn(self, model: str, estimated: int, reported: int) -> bool:
        """Takes a report into account; True where the factor changed."""
        if estimated < SMALLEST:
            return False
        seen = reported / estimated
        if not FARTHEST[0] <= seen <= FARTHEST[1]:
            return False
        old = self._factors.get(model)
        new = seen if old is None else old + WEIGHT * (seen - old)
        if old is not None and abs(new - old) < STEP:
            return False
        self._factors[model] = round(new, 3)
        return True
