"""Token padding: where counts are estimates, and only there."""

import json
import re

import pytest

from core.tokenizers.catalog import find
from core.tokenizers.tokenizer import load
from tests.e2e.connect.conftest import KOBOLDCPP
from tests.e2e.formatting.conftest import (
    Shelve,
    Stand,
    budget,
    fields,
    number,
    prompt_of,
    stored,
)
from tests.e2e.tavern.cards import document
from tests.e2e.tavern.tavern import Tavern
from tests.shared import shared_path

LINES = 40
TEXT = "The storm was older than the town. " * 5


@pytest.fixture
async def long(tavern: Tavern) -> Tavern:
    """A story far longer than the context, a card without examples; the estimate counts."""
    chat, card = tavern, document("Nora", description="Nora keeps the lighthouse.")
    files = [("nora.json", json.dumps(card).encode())]
    await chat.answer("character import", file=0, files=files)
    await chat.run("chat start", character="Nora", mode="mention")
    await chat.run("connect use", backend="rehearsal", kind="text")
    for line in range(LINES):
        chat.ann.send(chat.room, f"{line}: {TEXT}")
    await stored(chat, LINES + 1)
    await chat.run("connect context", size=2048, reply=200)
    return chat


def total(told: str) -> int:
    return number(told, r"([\d,]+) of")


async def test_counts_are_marked_exact_or_estimated(chat: Tavern, stand: Stand) -> None:
    await chat.run("connect use", backend="rehearsal", kind="text")
    message = await chat.answer("chat prompt")
    assert "tokens (estimated)" in fields(message)["Budget"]
    assert all("· ≈" in line for line in message["embeds"][0]["description"].splitlines())
    server = await stand("koboldcpp", KOBOLDCPP)
    await chat.run("connect use", backend="koboldcpp", url=server.url)
    message = await chat.answer("chat prompt")
    assert "tokens (exact)" in fields(message)["Budget"]
    assert re.search(r"\*\*History\*\*.* · \d", message["embeds"][0]["description"])


async def test_the_sum_is_that_of_the_finished_text(long: Tavern, shelve: Shelve) -> None:
    """Of SentencePiece's counts each part's has a space of its own that the whole has not."""
    shelve("llama")
    await long.run("connect tokenizer", set="llama")
    row = find("llama")
    tokenizer = load(row, shared_path("tokenizers", row.file))
    assert total(await budget(long)) == tokenizer.count(await prompt_of(long))


async def test_padding_does_not_apply_where_the_server_counts(chat: Tavern, stand: Stand) -> None:
    server = await stand("koboldcpp", KOBOLDCPP)
    await chat.run("connect use", backend="koboldcpp", url=server.url)
    told = await chat.run("connect padding", tokens=500)
    assert "not used: the server does the counting" in told
    assert "padding 0" in await budget(chat)
    await chat.run("connect tokenizer", set="none")
    assert "padding 500" in await budget(chat)


async def test_a_server_that_does_not_count_is_stood_in_for_and_marked(
    chat: Tavern, stand: Stand
) -> None:
    answers = dict(KOBOLDCPP)
    server = await stand("koboldcpp", answers)
    await chat.run("connect use", backend="koboldcpp", url=server.url)
    server.answers.pop("/api/extra/tokencount")
    told = await budget(chat)
    assert "tokens (estimated)" in told
    assert "⚠ The server doesn't count tokens, so estimate" in told
    assert "can put `llama.model` into its `_cache` folder" in told
    assert "padding 64" in told
    assert "padding 64" in await budget(chat)
    asked = [heard for heard in server.heard if heard.path == "/api/extra/tokencount"]
    assert len(asked) == 1
