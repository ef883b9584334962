"""What a tokenizer is."""

from collections.abc import Sequence
from typing import Protocol


class Tokenizer(Protocol):
    """Counts tokens. `is_exact` is False for estimates."""

    @property
    def id(self) -> str:
        """The tokenizer's name in the catalog."""
        ...

    @property
    def is_exact(self) -> bool:
        """Whether the counts are the model's own."""
        ...

    def count(self, text: str) -> int:
        """Tokens of `text`, without BOS. Local tokenizers only; may be slow: not on the loop."""
        ...

    async def count_many(self, texts: Sequence[str]) -> list[int]:
        """Counts in a thread or by one request, in the order given."""
        ...
