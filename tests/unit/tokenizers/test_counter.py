"""Counts are made once, in pieces where a text is long, and forgotten when there are too many."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from core.errors import NeedCounts, TimedOut
from core.models_in_use.token_counter import prime
from core.tokenizers import tokenizer as module
from core.tokenizers.catalog import TokenizerRow, rows
from core.tokenizers.store import TokenizerStore
from core.tokenizers.tokenizer import (
    LONG,
    MODELS,
    REMOTE_BATCH,
    Counter,
    Counting,
    Estimate,
    EstimateFactors,
    Joins,
    Tokenizer,
    load,
)
from tests.shared import shared_path
from tests.unit.tokenizers.tiny import SAMPLES, tiny_hf, tiny_spm

LOCAL = [row for row in rows().values() if row.file]


class Noting:
    """A tokenizer that counts words and notes what it is asked."""

    id = "words"
    is_exact = True

    def __init__(self, joins: Joins = Joins.UNKNOWN) -> None:
        self.joins = joins
        self.asked: list[str] = []

    def count(self, text: str) -> int:
        self.asked.append(text)
        return len(text.split())

    async def count_many(self, texts: Sequence[str]) -> list[int]:
        return [self.count(text) for text in texts]

    def encode(self, text: str) -> list[int]:
        return []


def document() -> str:
    """Lines of every kind, joined in every way."""
    lines = [line for text in SAMPLES.values() for line in text.split("\n")]
    lines += ["Ann: hm", "<|im_start|>user", "  indented", "/slash", "* star", "", "７ days", "-"]
    return "".join(
        line + end
        for number, line in enumerate(lines * 12)
        for end in ["\n" if number % 5 else "\n\n"]
    )


@pytest.mark.parametrize("row", LOCAL, ids=lambda row: row.id)
async def test_counts_of_pieces_add_up_to_the_whole(row: TokenizerRow, tmp_path: Path) -> None:
    shutil.copyfile(shared_path("tokenizers", row.file), tmp_path / row.file)
    counter = (await TokenizerStore(tmp_path, downloads=False).choose(row.id)).counter
    text = document()
    assert len(text) > LONG
    whole = counter.tokenizer.count(text)
    assert counter.known(text) == whole
    assert text not in counter._counts
    lines = [f"{name}: {SAMPLES['en']}\n" for name in ("Ann", "Mira", "灯")]
    shares = [counter.behind(line) for line in lines]
    assert None not in shares
    joined = counter.tokenizer.count("Begin.\n" + "".join(lines))
    assert joined == counter.tokenizer.count("Begin.\n") + sum(share or 0 for share in shares)


@pytest.mark.parametrize("kind", ["hf", "spm"])
def test_tiny_tokenizers_add_up_too(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "tiny"
    path.write_bytes(tiny_hf().encode() if kind == "hf" else tiny_spm())
    row = TokenizerRow.model_validate({"id": "tiny", "name": "Tiny", "kind": kind})
    tokenizer: Tokenizer = load(row, path)
    text = "low lower\nnewest wide\n\n  low\n" * 400
    assert Counter(tokenizer).known(text) == tokenizer.count(text)


def test_a_text_is_counted_once() -> None:
    tokenizer = Noting()
    counter = Counter(tokenizer)
    assert [counter.known("one two"), counter.known("one two"), counter.known("")] == [2, 2, 0]
    assert tokenizer.asked == ["one two"]


def test_the_oldest_counts_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED", 20)
    tokenizer = Noting()
    counter = Counter(tokenizer)
    for text in ("a" * 10, "b" * 10, "c" * 10, "a" * 10):
        counter.known(text)
    assert tokenizer.asked == ["a" * 10, "b" * 10, "c" * 10, "a" * 10]


async def test_a_remote_tokenizer_is_asked_in_one_batch() -> None:
    counter = Counter(Noting(), remote=True)
    counting = Counting(counter)
    assert counting("one two three") == Estimate().count("one two three")
    with pytest.raises(NeedCounts) as raised:
        counting.settle()
    await counter.prime(raised.value.texts)
    again = Counting(counter)
    assert again("one two three") == 3
    again.settle()
    assert again.is_exact
    assert not counting.is_exact
    assert counter.behind("one\n") is None


def test_estimates_are_corrected() -> None:
    assert Counting(Counter(Estimate()), 1.5)("a" * 100) == 45
    factors = EstimateFactors()
    assert factors.factor("m") == 1.0
    assert factors.learn("m", 1000, 1300)
    assert factors.factor("m") == 1.3
    assert factors.learn("m", 1000, 1200)
    assert 1.2 < factors.factor("m") < 1.3
    assert not factors.learn("m", 1000, 1275)
    assert not factors.learn("m", 10, 30)
    assert not factors.learn("m", 1000, 9000)
    for number in range(MODELS):
        assert factors.learn(str(number), 1000, 1100)
    assert factors.factor("m") == 1.0
    assert factors.factor("0") == 1.1


async def test_what_a_slow_server_has_counted_is_kept() -> None:
    class Tiring(Noting):
        async def count_many(self, texts: Sequence[str]) -> list[int]:
            if self.asked:
                raise TimedOut(None, "the server does not count")
            return await super().count_many(texts)

    counter = Counter(Tiring(), remote=True)
    texts = tuple(f"text {number}" for number in range(REMOTE_BATCH + 1))
    with pytest.raises(TimedOut):
        await counter.prime(texts)
    assert counter.known(texts[0]) is not None
    assert counter.known(texts[-1]) is None


async def test_no_reply_waits_twice_for_a_server_that_is_too_slow() -> None:
    class Silent(Noting):
        tries = 0

        async def count_many(self, texts: Sequence[str]) -> list[int]:
            self.tries += 1
            raise TimedOut(None, "the server does not count")

    tokenizer = Silent()
    counter = Counter(tokenizer, remote=True)
    for _ in range(2):
        with pytest.raises(TimedOut):
            await prime(counter, ("text",))
    assert tokenizer.tries == 1
