"""Tokenizers that people choose themselves."""

from tests.e2e.connect.conftest import KOBOLDCPP
from tests.e2e.formatting.conftest import (
    Shelve,
    Stand,
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
