"""What a tokenizer is, the estimate, those whose vocabulary lies in a file; counts made once."""

import asyncio
import math
import os
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, Protocol

from cachetools import LRUCache

from core.errors import NeedCounts, TokenizerError
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
        return self._factors.get(model, 1.0)

    def learn(self, model: str, estimated: int, reported: int) -> bool:
        """Takes a report into account; True where the factor changed."""
        seen = reported / max(estimated, 1)
        if estimated < SMALLEST or not FARTHEST[0] <= seen <= FARTHEST[1]:
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
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def count(self, text: str) -> int:
        """Tokens of `text`. `encode` would hold the interpreter, the batch does not."""
        return len(self._tokenizer.encode_batch_fast([text])[0].ids)

    async def count_many(self, texts: Sequence[str]) -> list[int]:
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
