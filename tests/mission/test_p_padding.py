"""Token padding: kept free where counts are estimates."""

import math
import re

import pytest

from core.tokenizers.catalog import find
from core.tokenizers.tokenizer import load
from tests.e2e.formatting.conftest import Shelve, budget, fields, page, prompt_of, stored
from tests.e2e.formatting.test_padding import LINES, TEXT, total
from tests.e2e.tavern.cards import document
from tests.e2e.tavern.tavern import Tavern
from tests.mission.conftest import Connect, bring, talk
from tests.shared import shared_path

CONTEXT, REPLY = 2048, 200
CHARACTER = "Nora keeps the lighthouse."


@pytest.fixture
async def long(tavern: Tavern) -> Tavern:
    """A story far longer than the context, a card without examples; nobody has been answered."""
    await bring(tavern, "character import", document("Nora", description=CHARACTER))
    await tavern.run("chat start", character="Nora", mode="mention")
    for line in range(LINES):
        tavern.ann.send(tavern.room, f"{line}: {TEXT}")
    await stored(tavern, LINES + 1)
    return tavern


def kept(prompt: str) -> list[int]:
    """Which of the lines are in the prompt."""
    return [int(found) for found in re.findall(r"(\d+): The storm", prompt)]


async def sent(chat: Tavern, connect: Connect, padding: int = 64) -> tuple[str, str]:
    """The prompt as the command shows it and as the server got it, where the estimate counts."""
    server = await connect("mancer", model="m", kind="text")
    await chat.run("connect context", size=CONTEXT, reply=REPLY)
    await chat.run("connect tokenizer", set="none")
    await chat.run("connect padding", tokens=padding)
    shown = await prompt_of(chat)
    await chat.run("chat mode", answer="every")
    body = await talk(chat, server, "Aye.", said="Well?")
    await chat.run("chat mode", answer="mention")
    return shown, body["prompt"]


async def test_p1_each_count_is_marked(chat: Tavern, connect: Connect, shelve: Shelve) -> None:
    shelve("llama", "llama3", "mistral", "gemma", "claude", "o200k_base", "command-r")
    for backend, options, exact in (
        ("koboldcpp", {"kind": "text"}, True),
        ("mancer", {"model": "m", "kind": "text"}, False),
        ("openai", {"model": "gpt-4o"}, True),
        ("openrouter", {"model": "deepseek/deepseek-r1-distill-llama-70b"}, False),
        ("mistral", {"model": "mistral-large-latest"}, False),
        ("gemini", {"model": "gemini-2.5-pro"}, False),
        ("anthropic", {"model": "claude-sonnet-4-5"}, False),
    ):
        await connect(backend, **options)
        message = await chat.answer("chat prompt")
        word = "exact" if exact else "estimated"
        assert f"({word})" in fields(message)["Budget"], backend
        history = re.search(r"\*\*History\*\*.* · (≈?)\d", message["embeds"][0]["description"])
        assert history is not None
        assert bool(history[1]) is not exact, backend


async def test_p2_only_chat_is_dropped(long: Tavern, connect: Connect) -> None:
    shown, body = await sent(long, connect)
    for prompt in (shown, body):
        assert CHARACTER in prompt
        found = kept(prompt)
        assert found == list(range(LINES - len(found), LINES))
        assert 0 < len(found) < LINES


@pytest.mark.parametrize("size", [1024, 2048, 3000, 4096])
async def test_p3_padding_is_kept_free(
    long: Tavern, connect: Connect, shelve: Shelve, size: int
) -> None:
    shelve("llama")
    server = await connect("mancer", model="m", kind="text")
    await long.run("connect context", size=size, reply=100)
    assert "64 tokens" in await long.run("connect padding", tokens=64)
    told = await budget(long)
    assert total(told) <= size - 100 - 64
    assert "padding 64" in told
    await long.run("chat mode", answer="every")
    body = await talk(long, server, "Aye.", said="Well?")
    row = find("llama")
    assert load(row, shared_path("tokenizers", row.file)).count(body["prompt"]) <= size - 100 - 64


async def test_p4_more_padding_drops_exactly_the_oldest(long: Tavern, connect: Connect) -> None:
    await sent(long, connect)
    before = await prompt_of(long)
    await long.run("connect padding", tokens=512)
    after = await prompt_of(long)
    gone = set(kept(before)) - set(kept(after))
    assert gone == set(kept(before)[: len(gone)]) != set()
    assert after == "".join(
        line
        for line in before.splitlines(keepends=True)
        if not any(f" {one}: The storm" in line for one in gone)
    )


async def test_p5_negative_padding_allows_more(long: Tavern, connect: Connect) -> None:
    _, body = await sent(long, connect, padding=-200)
    most = CONTEXT - REPLY
    assert most < math.ceil(len(body.encode()) / 3.35) <= most + 200
    told = await budget(long)
    assert most < total(told) <= most + 200
    assert "⚠ The padding is negative" in told
    told = await long.run("connect padding", tokens=-200)
    assert "⚠ Prompts can now go over the context size by up to 200 tokens" in told


async def test_p6_padding_does_not_apply_to_openai(chat: Tavern, connect: Connect) -> None:
    server = await connect("openai", model="gpt-4o")
    before, body = await prompt_of(chat), await talk(chat, server, "One.")
    told = await chat.run("connect padding", tokens=500)
    assert "not used" in told
    assert "not used" in (await page(chat))["Token padding"]
    assert "padding 0" in await budget(chat)
    await chat.run("chat undo")
    await chat.until(lambda: len(chat.said()) == 1)
    assert await prompt_of(chat) == before
    assert await talk(chat, server, "Two.") == body
    for backend, options, why in (
        (
            "openai",
            {"model": "gpt-4o"},
            "chat completion is counted with the model's own tokenizer",
        ),
        (
            "openai-compatible",
            {"model": "unheard-of", "kind": "chat"},
            "it's only for text completion",
        ),
        ("koboldcpp", {}, "the server does the counting"),
    ):
        await connect(backend, **options)
        told = await chat.run("connect padding", tokens=-500)
        assert told == f"Token padding: -500 tokens — not used: {why}"
