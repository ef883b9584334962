"""What a tokenizer is; the estimate, and those whose vocabulary lies in a file."""

import asyncio
import math
import os
from collections.abc import Callable, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, Protocol

from cachetools import LRUCache

from core.errors import TokenizerError
from core.tokenizers.catalog import TokenizerRow


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


class _FileTokenizer:
    is_exact = True
    joins = Joins.FREELY
    id: str

    def encode(self, text: str) -> list[int]:
        raise NotImplementedError

    def count(self, text: str) -> int:
        return len(self.encode(text))

    async def count_many(self, texts: Sequence[str]) -> list[int]:
        """Counts in a worker thread; the libraries let the loop run meanwhile."""
        return await asyncio.to_thread(lambda: [self.count(text) for text in texts])


class Tiktoken(_FileTokenizer):
    """OpenAI's byte-pair encodings. Special tokens in a text count as plain text."""

    def __init__(self, row: TokenizerRow, path: Path) -> None:
        from tiktoken import Encoding
        from tiktoken_ext.openai_public import (  # type: ignore[import-untyped]
            ENCODING_CONSTRUCTORS,
        )

        self.id = row.id
        # tiktoken would fetch a missing file by itself; ours is there and checked. Its registry
        # is passed by, since that never lets go of a vocabulary.
        os.environ["TIKTOKEN_CACHE_DIR"] = str(path.parent)
        encoding = Encoding(**ENCODING_CONSTRUCTORS[row.encoding or row.id]())
        self._encode = encoding.encode_ordinary

    def encode(self, text: str) -> list[int]:
        return self._encode(text)


class HuggingFace(_FileTokenizer):
    """A `tokenizer.json`. Special tokens are added to counts as the file says."""

    def __init__(self, row: TokenizerRow, path: Path) -> None:
        from tokenizers import Tokenizer as Loaded

        self.id = row.id
        self._tokenizer: Any = Loaded.from_file(str(path))

    def encode(self, text: str) -> list[int]:
        """Ids of the text's tokens, without special ones."""
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def count(self, text: str) -> int:
        """Tokens of `text`. `encode` would hold the interpreter, the batch does not."""
        return len(self._tokenizer.encode_batch_fast([text])[0].ids)

    async def count_many(self, texts: Sequence[str]) -> list[int]:
        """Counts in a worker thread, all at once."""
        found = await asyncio.to_thread(self._tokenizer.encode_batch_fast, list(texts))
        return [len(one.ids) for one in found]


class SentencePiece(_FileTokenizer):
    """A SentencePiece model, without BOS."""

    joins = Joins.AT_BREAKS
    """A text begins with a blank of its own; behind a line break there is none."""

    def __init__(self, row: TokenizerRow, path: Path) -> None:
        from sentencepiece import SentencePieceProcessor

        self.id = row.id
        self._processor: Any = SentencePieceProcessor(model_file=str(path))

    def encode(self, text: str) -> list[int]:
        return list(self._processor.encode(text, out_type=int))


def load(row: TokenizerRow, path: Path) -> Tokenizer:
    """Reads a checked file. Slow (up to 0.4 s): call it in a thread. Raises TokenizerError."""
    makers: dict[str, Callable[[TokenizerRow, Path], Tokenizer]] = {
        "tiktoken": Tiktoken,
        "hf": HuggingFace,
        "spm": SentencePiece,
    }
    try:
        return makers[row.kind](row, path)
    # The three libraries raise bare Exceptions of their Rust and C++ cores.
    except Exception as error:
        raise TokenizerError(tokenizer=row.id) from error
