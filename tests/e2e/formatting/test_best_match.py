"""Which tokenizer counts for which backend and model, by which rule."""

from typing import Any

from tests.e2e.formatting.conftest import (
    Shelve,
    Stand,
    counted,
    counts,
    golden,
    shown,
)
from tests.e2e.tavern.tavern import Tavern
from tests.unit.tokenizers.tiny import SAMPLES

NUMBERS = ("en", "ja", "story")


async def use(chat: Tavern, stand: Stand, backend: str, protocol: str, **options: Any) -> None:
    """Connects a backend to a stand-in that knows no token route."""
    server = await stand(protocol)
    await chat.run("connect use", backend=backend, url=server.url, **options)


async def test_T1_tokens_and_the_ratio(chat: Tavern) -> None:
    told = await chat.run("connect tokens", text="a" * 100)
    assert "**≈ 30** tokens for 100 characters (3.33 characters per token)" in told


async def test_T2_show_names_the_tokenizer_and_the_rule(chat: Tavern, stand: Stand) -> None:
    await use(chat, stand, "openai", "openai-chat", model="gpt-4o")
    assert "GPT-4o and later (o200k) (because of “gpt-4o” in the model's name)" in await shown(chat)


async def test_T3_T4_T5_novelai_by_model(chat: Tavern, stand: Stand, shelve: Shelve) -> None:
    for model, tokenizer, word in (
        ("clio-v1", "nerdstash", "clio"),
        ("kayra-v1", "nerdstash_v2", "kayra"),
        ("krake-v2", "gpt2", "krake"),
        ("euterpe-v2", "gpt2", "euterpe"),
    ):
        shelve(tokenizer)
        await use(chat, stand, "novelai", "novelai", model=model, kind="text")
        assert f"because of “{word}”" in await shown(chat)
        assert await counts(chat, *NUMBERS) == golden(tokenizer, *NUMBERS)


async def test_T6_the_servers_own_tokenizer_else_llama(
    chat: Tavern, stand: Stand, shelve: Shelve
) -> None:
    shelve("llama")
    server = await stand("llamacpp", {"/tokenize": {"tokens": list(range(77))}})
    await chat.run("connect use", backend="llamacpp", url=server.url)
    assert "the server's own (counted by the server)" in await shown(chat)
    assert await counted(chat, "Hello!") == 77
    await use(chat, stand, "openai-compatible", "openai-text", model="m", kind="text")
    assert "Llama 1/2 (fallback" in await shown(chat)
    assert await counts(chat, *NUMBERS) == golden("llama", *NUMBERS)


async def test_T7_koboldai_and_horde_count_with_llama(chat: Tavern, stand: Stand) -> None:
    for backend in ("koboldai", "horde"):
        await use(chat, stand, backend, "koboldai")
        assert "Tokenizer: Llama 1/2 (usual for this service)" in await shown(chat)


async def test_T8_koboldcpp_is_asked(chat: Tavern, stand: Stand) -> None:
    server = await stand("koboldcpp", {"/api/extra/tokencount": {"value": 1234, "ids": []}})
    await chat.run("connect use", backend="koboldcpp", url=server.url)
    assert await counted(chat, "Hello!") == 1234
    asked = [one.body for one in server.heard if one.path == "/api/extra/tokencount"]
    assert {"prompt": "Hello!", "special": False} in asked


async def test_T22_chat_completion_is_never_overridden(chat: Tavern, stand: Stand) -> None:
    await use(chat, stand, "openai", "openai-chat", model="gpt-4o")
    told = await chat.run("connect tokenizer", set="gemma")
    assert told.startswith("Chat completion always uses the model's own tokenizer")
    assert "o200k" in await shown(chat)


async def test_T23_openai_by_model(chat: Tavern, stand: Stand, shelve: Shelve) -> None:
    for model, tokenizer in (
        ("gpt-4o-mini", "o200k_base"),
        ("gpt-4-turbo", "cl100k_base"),
        ("text-davinci-003", "p50k_base"),
    ):
        shelve(tokenizer)
        await use(chat, stand, "openai", "openai-chat", model=model)
        assert await counts(chat, *NUMBERS) == golden(tokenizer, *NUMBERS)
        assert "≈" not in await chat.run("connect tokens", text="Hello!")


async def test_T24_T26_T27_T28_T29_T30_vendors_have_their_own(
    chat: Tavern, stand: Stand, shelve: Shelve
) -> None:
    for backend, protocol, model, tokenizer in (
        ("anthropic", "anthropic", "claude-sonnet-4-5", "claude"),
        ("gemini", "gemini", "gemini-2.5-pro", "gemma"),
        ("ai21", "openai-chat", "jamba-large", "jamba"),
        ("cohere", "cohere", "command-r-plus", "command-r"),
        ("cohere", "cohere", "c4ai-aya-expanse-8b", "command-r"),
        ("cohere", "cohere", "command-a-03-2025", "command-a"),
        ("mistral", "openai-chat", "mistral-large-latest", "mistral"),
        ("mistral", "openai-chat", "open-mistral-nemo", "nemo"),
        ("deepseek", "openai-chat", "deepseek-chat", "deepseek"),
    ):
        shelve(tokenizer)
        await use(chat, stand, backend, protocol, model=model)
        assert await counts(chat, *NUMBERS) == golden(tokenizer, *NUMBERS)
        assert "is used instead" not in await shown(chat)
    assert len(chat.engine.models.pool.tokenizers.loaded) <= 4


async def test_T25_openrouter_by_model(chat: Tavern, stand: Stand, shelve: Shelve) -> None:
    for model, tokenizer in (
        ("meta-llama/llama-3.1-70b-instruct", "llama3"),
        ("mistralai/mixtral-8x7b-instruct", "mistral"),
        ("google/gemma-2-9b-it", "gemma"),
        ("01-ai/yi-34b-chat", "yi"),
    ):
        shelve(tokenizer)
        await use(chat, stand, "openrouter", "openai-chat", model=model)
        assert await counts(chat, *NUMBERS) == golden(tokenizer, *NUMBERS)


async def test_T31_unknown_models_count_as_gpt_3_5_turbo(
    chat: Tavern, stand: Stand, shelve: Shelve
) -> None:
    shelve("cl100k_base")
    await use(chat, stand, "openai-compatible", "openai-chat", model="mystery-7", kind="chat")
    assert "GPT-4 / GPT-3.5 turbo (cl100k) (fallback" in await shown(chat)
    assert await counts(chat, *NUMBERS) == golden("cl100k_base", *NUMBERS)
    assert "≈" in await chat.run("connect tokens", text=SAMPLES["en"])
