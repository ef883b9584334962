"""Tokenizers whose vocabulary lies in a file: tiktoken, Hugging Face, SentencePiece."""

import asyncio
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from core.errors import TokenizerError
from core.tokenizers.base import Joins, Tokenizer
from core.tokenizers.catalog import TokenizerRow


class Tiktoken:
    """OpenAI's byte-pair encodings. Special tokens in a text count as plain text."""

    is_exact = True
    joins = Joins.FREELY

    def __init__(self, row: TokenizerRow, path: Path) -> None:
        from tiktoken import Encoding
        from tiktoken_ext.openai_public import (  # type: ignore[import-untyped]
            ENCODING_CONSTRUCTORS,
        )

        self.id = row.id
        # tiktoken would fetch a missing file by itself; ours is there and checked. Its registry
        # is passed by, since that never lets go of a vocabulary.
        os.environ["TIKTOKEN_CACHE_DIR"] = str(path.parent)
        self._encoding = Encoding(**ENCODING_CONSTRUCTORS[row.encoding or row.id]())

    def count(self, text: str) -> int:
        """Tokens of `text`."""
        return len(self._encoding.encode_ordinary(text))

    async def count_many(self, texts: Sequence[str]) -> list[int]:
        """Counts in a worker thread; the library lets the loop run meanwhile."""
        return await asyncio.to_thread(lambda: [self.count(text) for text in texts])

    def encode(self, text: str) -> list[int]:
        """Ids of the text's tokens."""
        return self._encoding.encode_ordinary(text)


class HuggingFace:
    """A `tokenizer.json`. Special tokens are added as the file says."""

    is_exact = True
    joins = Joins.FREELY

    def __init__(self, row: TokenizerRow, path: Path) -> None:
        from tokenizers import Tokenizer as Loaded

        self.id = row.id
        self._tokenizer: Any = Loaded.from_file(str(path))

    def count(self, text: str) -> int:
        """Tokens of `text`."""
        return self._count_batch([text])[0]

    async def count_many(self, texts: Sequence[str]) -> list[int]:
        """Counts in a worker thread. `encode` would hold the interpreter, the batch does not."""
        return await asyncio.to_thread(self._count_batch, list(texts))

    def encode(self, text: str) -> list[int]:
        """Ids of the text's tokens, without special ones."""
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def _count_batch(self, texts: list[str]) -> list[int]:
        return [len(found.ids) for found in self._tokenizer.encode_batch_fast(texts)]


class SentencePiece:
    """A SentencePiece model, without BOS."""

    is_exact = True
    joins = Joins.AT_BREAKS
    """A text begins with a blank of its own; behind a line break there is none."""

    def __init__(self, row: TokenizerRow, path: Path) -> None:
        from sentencepiece import SentencePieceProcessor

        self.id = row.id
        self._processor: Any = SentencePieceProcessor(model_file=str(path))

    def count(self, text: str) -> int:
        """Tokens of `text`."""
        return len(self._processor.encode(text, out_type=int))

    async def count_many(self, texts: Sequence[str]) -> list[int]:
        """Counts in a worker thread."""
        return await asyncio.to_thread(lambda: [self.count(text) for text in texts])

    def encode(self, text: str) -> list[int]:
        """Ids of the text's tokens."""
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
        raise TokenizerError("the file cannot be read", tokenizer=row.id) from error
