"""The estimate that stands in where no tokenizer is at hand."""

import math
from collections.abc import Sequence

from core.tokenizers.base import Joins

BYTES_PER_TOKEN = 3.35


class Estimate:
    """UTF-8 bytes / 3.35, rounded up: what SillyTavern calls "None"."""

    id = "none"
    is_exact = False
    joins = Joins.UNKNOWN

    def count(self, text: str) -> int:
        """Tokens of `text`, roughly; safe for Japanese, Chinese and Cyrillic."""
        return math.ceil(len(text.encode("utf-8", "surrogatepass")) / BYTES_PER_TOKEN)

    async def count_many(self, texts: Sequence[str]) -> list[int]:
        """Counts of all texts, in order."""
        return [self.count(text) for text in texts]

    def encode(self, text: str) -> list[int]:
        """Nothing: an estimate knows no tokens."""
        return []
