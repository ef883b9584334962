"""Counts equal the libraries' own."""

import gzip
import json
from pathlib import Path

import pytest
from sentencepiece import SentencePieceProcessor
from tokenizers import Tokenizer

from core.tokenizers.catalog import TokenizerRow, find, rows
from core.tokenizers.store import KEPT, TokenizerStore
from core.tokenizers.tokenizer import Estimate, load
from tests.shared import shared_path
from tests.unit.tokenizers.tiny import SAMPLES, tiny_hf, tiny_spm

GOLDEN = Path(__file__).parents[2] / "golden" / "tokens.json"
LOCAL = [row for row in rows().values() if row.file]


def tiny(kind: str) -> TokenizerRow:
    return TokenizerRow.model_validate({"id": f"tiny-{kind}", "name": "Tiny", "kind": kind})


async def test_a_hugging_face_file(tmp_path: Path) -> None:
    path = tmp_path / "tiny.json"
    path.write_text(tiny_hf(), "utf-8")
    ours, own = load(tiny("hf"), path), Tokenizer.from_file(str(path))
    texts = [*SAMPLES.values(), "lower newest"]
    assert await ours.count_many(texts) == [len(own.encode(text).ids) for text in texts]


async def test_a_sentencepiece_file(tmp_path: Path) -> None:
    path = tmp_path / "tiny.model"
    path.write_bytes(tiny_spm())
    ours, own = load(tiny("spm"), path), SentencePieceProcessor(model_file=str(path))
    texts = [*SAMPLES.values(), "lower newest"]
    assert await ours.count_many(texts) == [len(own.encode(text)) for text in texts]


def test_the_estimate() -> None:
    assert Estimate().count("a" * 100) == 30
    assert Estimate().count("あ" * 100) == 90
    assert Estimate().count("") == 0


@pytest.mark.parametrize("row", LOCAL, ids=lambda row: row.id)
async def test_golden_counts(row: TokenizerRow, tmp_path: Path) -> None:
    source = shared_path("tokenizers", row.file)
    (tmp_path / row.file).write_bytes(source.read_bytes())
    choice = await TokenizerStore(tmp_path, downloads=False).choose(row.id)
    assert not choice.stands_in
    counts = dict(
        zip(SAMPLES, await choice.counter.tokenizer.count_many(list(SAMPLES.values())), strict=True)
    )
    assert counts == json.loads(GOLDEN.read_text("utf-8"))[row.id]


async def test_at_most_four_stay_in_memory(tmp_path: Path) -> None:
    store = TokenizerStore(tmp_path, downloads=False)
    for row in LOCAL[: KEPT + 2]:
        (tmp_path / row.file).write_bytes(shared_path("tokenizers", row.file).read_bytes())
        assert not (await store.choose(row.id)).stands_in
    assert len(store.loaded) == KEPT


async def test_llama_3_stands_in_where_it_is_at_hand(tmp_path: Path) -> None:
    llama3 = find("llama3")
    (tmp_path / llama3.file).write_bytes(shared_path("tokenizers", llama3.file).read_bytes())
    choice = await TokenizerStore(tmp_path, downloads=False).choose("command-r")
    assert choice.stands_in
    assert choice.counter.tokenizer.id == "llama3"


def test_packed_files_name_their_unpacked_hash() -> None:
    assert all(bool(row.unpacked_sha256) == row.file.endswith(".gz") for row in LOCAL)
    for row in LOCAL:
        packed = shared_path("tokenizers", row.file).read_bytes()
        assert len(packed) == row.bytes
        if row.file.endswith(".gz"):
            json.loads(gzip.decompress(packed))
