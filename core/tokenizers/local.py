"""Tokenizers whose vocabulary lies in a file: tiktoken, Hugging Face, SentencePiece."""

import asyncio
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from core.errors import TokenizerError
from core.tokenizers.catalog import TokenizerRow
from core.tokenizers.tokenizer import Joins, Tokenizer


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
