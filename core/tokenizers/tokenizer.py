"""What a tokenizer is."""

from collections.abc import Sequence
from enum import Enum
from typing import Protocol


class Joins(Enum):
    """What is known of a text that is put together at line breaks."""

    UNKNOWN = 0
    """Nothing: the whole has to be counted."""
    AT_BREAKS = 1
    """A single line break parts what is before from what is behind it."""
    FREELY = 2
    """As above, and the beginning of a text counts as it does behind a line break."""


class Tokenizer(Protocol):
    """Counts tokens. `is_exact` is False for estimates."""

    @property
    def id(self) -> str:
        """The tokenizer's name in the catalog."""

    @property
    def is_exact(self) -> bool:
        """Whether the counts are the model's own."""

    @property
    def joins(self) -> Joins:
        """Whether counts of pieces add up."""

    def count(self, text: str) -> int:
        """Tokens of `text`, without BOS. Local tokenizers only; may be slow: not on the loop."""

    async def count_many(self, texts: Sequence[str]) -> list[int]:
        """Counts in a thread or by one request, in the order given."""

    def encode(self, text: str) -> list[int]:
        """Ids of the text's tokens, nothing added. Empty where only counts are known."""
