"""Tokenizers that people choose themselves."""

from typing import Any

from core.tokenizers.best_match import BEST_MATCH
from tests.e2e.connect.conftest import KOBOLDCPP
from tests.e2e.formatting.conftest import (
    Shelve,
    Stand,
    counted,
    counts,
    golden,
    shown,
    textual,
)
from tests.e2e.tavern.tavern import Tavern

NUMBERS = ("en", "ja", "story")


async def text_backend(chat: Tavern, stand: Stand) -> None:
    """A server without a tokenizer of its own."""
    server = await stand("openai-text", textual())
    await chat.run("connect use", backend="mancer", url=server.url, model="m", kind="text")


async def test_T9_an_override_changes_counts_at_once(
    chat: Tavern, stand: Stand, shelve: Shelve
) -> None:
    shelve("llama", "gemma")
    await text_backend(chat, stand)
    assert await counts(chat, *NUMBERS) == golden("llama", *NUMBERS)
    told = await chat.run("connect tokenizer", set="gemma")
    assert "Gemma / Gemini (chosen with `/connect tokenizer`)" in told
    assert await counts(chat, *NUMBERS) == golden("gemma", *NUMBERS)
    await chat.run("connect tokenizer", set=BEST_MATCH)
    assert await counts(chat, *NUMBERS) == golden("llama", *NUMBERS)


async def test_T10_none_estimates_by_bytes(chat: Tavern, stand: Stand) -> None:
    await text_backend(chat, stand)
    await chat.run("connect tokenizer", set="None")
    assert await counted(chat, "a" * 100) == 30
    assert await counted(chat, "か" * 100) == 90
    assert "estimate" in await shown(chat)


async def test_T11_T12_T13_T14_T15_T16_T17_T18_T19_T21_T32_overrides_count_as_their_library(
    chat: Tavern, stand: Stand, shelve: Shelve
) -> None:
    await text_backend(chat, stand)
    for name, tokenizer in (
        ("llama", "llama"),
        ("llama3", "llama3"),
        ("nerdstash", "nerdstash"),
        ("nerdstash_v2", "nerdstash_v2"),
        ("mistral", "mistral"),
        ("nemo", "nemo"),
        ("pixtral", "nemo"),
        ("yi", "yi"),
        ("gemma", "gemma"),
        ("gemini", "gemma"),
        ("deepseek", "deepseek"),
        ("GPT-3", "p50k_base"),
        ("GPT-2/3", "gpt2"),
        ("Scale", "cl100k_base"),
    ):
        shelve(tokenizer)
        await chat.run("connect tokenizer", set=name)
        assert await counts(chat, *NUMBERS) == golden(tokenizer, *NUMBERS), name


async def test_T20_the_servers_own_where_it_has_one(chat: Tavern, stand: Stand) -> None:
    servers: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("textgenwebui", "openai-text", textual() | {"/v1/internal/token-count": {"length": 71}}),
        ("koboldcpp", "koboldcpp", KOBOLDCPP | {"/api/extra/tokencount": {"value": 72}}),
        ("tabby", "openai-text", {"/v1/token/encode": {"tokens": [1], "length": 73}}),
        ("aphrodite", "openai-text", {"/v1/tokenize": {"count": 74, "tokens": [1]}}),
    )
    for number, (backend, protocol, answers) in enumerate(servers, 71):
        server = await stand(protocol, answers)
        await chat.run("connect use", backend=backend, url=server.url, model="m", kind="text")
        told = await chat.run("connect tokenizer", set="api")
        assert "the server's own (chosen with" in told
        assert await counted(chat, "Hello!") == number


async def test_T20_api_is_refused_with_those_that_count(chat: Tavern, stand: Stand) -> None:
    await text_backend(chat, stand)
    told = await chat.run("connect tokenizer", set="api")
    assert told.startswith("Mancer can't count tokens for the bot.")
    for name in ("text-generation-webui", "KoboldCpp", "TabbyAPI", "Aphrodite"):
        assert name in told
    assert "Llama 1/2 (fallback" in await shown(chat)


async def test_an_unknown_tokenizer_is_refused(chat: Tavern, stand: Stand) -> None:
    await text_backend(chat, stand)
    told = await chat.run("connect tokenizer", set="nonsense")
    assert "There is no tokenizer called “nonsense”" in told


async def test_all_tokenizers_are_suggested(chat: Tavern) -> None:
    found = await chat.ann.autocomplete(chat.room, "connect tokenizer", "set", set="llama")
    assert [one["value"] for one in found] == ["llama", "llama3"]


async def test_a_choice_that_no_longer_fits_is_passed_over(
    chat: Tavern, stand: Stand, shelve: Shelve
) -> None:
    shelve("llama")
    server = await stand("koboldcpp", KOBOLDCPP)
    await chat.run("connect use", backend="koboldcpp", url=server.url)
    await chat.run("connect tokenizer", set="api")
    await text_backend(chat, stand)
    told = await shown(chat)
    assert "Llama 1/2 (fallback" in told
    assert "`api` doesn't work with this service" in told
    assert await counts(chat, *NUMBERS) == golden("llama", *NUMBERS)
