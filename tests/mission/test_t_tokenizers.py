"""Tokenizers: which one counts, by whose choice, and where its file comes from."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from core.tokenizers.catalog import find
from tests.conformance.standin import StandIn
from tests.e2e.formatting.conftest import Shelve, counted, counts, golden, shown
from tests.e2e.tavern.tavern import Tavern
from tests.mission.conftest import Connect, reconfigured, talk
from tests.mission.file_host import FileHost
from tests.shared import shared_path

SAMPLES = ("en", "ja", "story")
Use = Callable[[], Awaitable[Any]]
QWEN = "qwen/qwen-2.5-72b"


async def counts_as(chat: Tavern, tokenizer: str) -> None:
    """Counts by command are those of the tokenizer's own library."""
    assert await counts(chat, *SAMPLES) == golden(tokenizer, *SAMPLES)


async def text_backend(connect: Connect) -> StandIn:
    """A server in text kind that counts nothing itself."""
    return await connect("mancer", model="m", kind="text")


async def test_t1_tokens_and_their_letters(chat: Tavern, shelve: Shelve, connect: Connect) -> None:
    shelve("llama3")
    await text_backend(connect)
    await chat.run("connect tokenizer", set="llama3")
    text = "The keeper lit the lamp again, though nobody had asked."
    number = golden("llama3", "en")["en"]
    told = await chat.run("connect tokens", text=text)
    ratio = len(text) / number
    assert 3 < ratio < 5
    assert f"{number}** tokens for {len(text)} characters ({ratio:.2f} " in told


async def test_t2_best_match_names_its_rule(chat: Tavern, connect: Connect) -> None:
    await connect("openai", model="gpt-4o")
    assert (await shown(chat)).startswith(
        "Tokenizer: GPT-4o and later (o200k) (because of “gpt-4o” in the model's name)"
    )
    await text_backend(connect)
    assert (await shown(chat)).startswith("Tokenizer: Llama 1/2 (fallback")


async def novelai(
    chat: Tavern, connect: Connect, shelve: Shelve, model: str, tokenizer: str
) -> None:
    shelve(tokenizer)
    await connect("novelai", model=model, kind="text")
    assert f"because of “{model.partition('-')[0]}”" in await shown(chat)
    await counts_as(chat, tokenizer)


async def test_t3_clio_counts_with_nerdstash(
    chat: Tavern, connect: Connect, shelve: Shelve
) -> None:
    await novelai(chat, connect, shelve, "clio-v1", "nerdstash")


async def test_t4_kayra_counts_with_nerdstash_v2(
    chat: Tavern, connect: Connect, shelve: Shelve
) -> None:
    await novelai(chat, connect, shelve, "kayra-v1", "nerdstash_v2")


async def test_t5_krake_and_euterpe_count_with_gpt2(
    chat: Tavern, connect: Connect, shelve: Shelve
) -> None:
    for model in ("krake-v2", "euterpe-v2"):
        await novelai(chat, connect, shelve, model, "gpt2")


async def test_t6_the_servers_own_tokenizer_else_llama(
    chat: Tavern, connect: Connect, shelve: Shelve
) -> None:
    await connect("llamacpp", {"/tokenize": {"tokens": list(range(77))}})
    assert await counted(chat, "Hello!") == 77
    server = await connect("tabby", kind="text")
    server.answers.pop("/v1/token/encode")
    told = await chat.run("connect tokens", text="a" * 100)
    assert "**≈ 30**" in told
    assert "llama.model" in told
    shelve("llama")
    await counts_as(chat, "llama")
    for number in range(3):
        await talk(chat, server, f"Answer {number}.", said=f"Question {number}.")
    asked = [heard for heard in server.heard if heard.path == "/v1/token/encode"]
    assert len(asked) == 1
    assert "Llama" in await shown(chat)


async def test_t7_koboldai_and_horde_count_with_llama(chat: Tavern, connect: Connect) -> None:
    await connect("koboldai")
    assert "Tokenizer: Llama 1/2 (" in await shown(chat)
    await chat.run("connect use", backend="horde")
    assert "Tokenizer: Llama 1/2 (" in await shown(chat)


async def test_t8_koboldcpp_counts_by_its_route(chat: Tavern, connect: Connect) -> None:
    server = await connect("koboldcpp", {"/api/extra/tokencount": {"value": 1234, "ids": []}})
    assert await counted(chat, "Hello!") == 1234
    asked = [heard.body for heard in server.heard if heard.path == "/api/extra/tokencount"]
    assert "Hello!" in [body["prompt"] for body in asked]


async def test_t9_an_override_changes_counts_at_once(
    chat: Tavern, connect: Connect, shelve: Shelve
) -> None:
    shelve("llama", "gemma")
    await text_backend(connect)
    await counts_as(chat, "llama")
    await chat.run("connect tokenizer", set="gemma")
    await counts_as(chat, "gemma")


async def test_t10_none_counts_bytes(chat: Tavern, connect: Connect) -> None:
    await text_backend(connect)
    await chat.run("connect tokenizer", set="None")
    assert await counted(chat, "a" * 100) == 30
    assert await counted(chat, "か" * 100) == 90


async def overridden(
    chat: Tavern, connect: Connect, shelve: Shelve, tokenizer: str, *said: str
) -> None:
    """Each of these names chooses the tokenizer, and it counts as its own library."""
    shelve(tokenizer)
    await text_backend(connect)
    for name in said:
        told = await chat.run("connect tokenizer", set=name)
        assert "(chosen with `/connect tokenizer`)" in told
        await counts_as(chat, tokenizer)


async def test_t11_llama(chat: Tavern, connect: Connect, shelve: Shelve) -> None:
    await overridden(chat, connect, shelve, "llama", "llama")


async def test_t12_llama_3(chat: Tavern, connect: Connect, shelve: Shelve) -> None:
    await overridden(chat, connect, shelve, "llama3", "llama3")


async def test_t13_nerdstash(chat: Tavern, connect: Connect, shelve: Shelve) -> None:
    await overridden(chat, connect, shelve, "nerdstash", "nerdstash")


async def test_t14_nerdstash_v2(chat: Tavern, connect: Connect, shelve: Shelve) -> None:
    await overridden(chat, connect, shelve, "nerdstash_v2", "nerdstash_v2")


async def test_t15_mistral_v1(chat: Tavern, connect: Connect, shelve: Shelve) -> None:
    await overridden(chat, connect, shelve, "mistral", "mistral")


async def test_t17_yi(chat: Tavern, connect: Connect, shelve: Shelve) -> None:
    await overridden(chat, connect, shelve, "yi", "yi")


async def test_t18_gemma(chat: Tavern, connect: Connect, shelve: Shelve) -> None:
    await overridden(chat, connect, shelve, "gemma", "gemma", "gemini")


def newest(chat: Tavern) -> str:
    return str(chat.ann.sees(chat.room)[-1]["content"])


async def first_count(chat: Tavern) -> None:
    """Waits until the file is there and read, which takes long for the large ones."""
    chat.ann.command(chat.room, "connect tokens", text="Hello!")
    await chat.until(lambda: "tokens for 6 characters" in newest(chat), within=60)


async def fetched(chat: Tavern, host: FileHost, tokenizer: str, use: Use) -> None:
    """The file is fetched at the first count; a second run counts the same without a network."""
    await reconfigured(chat, enableDownloadableTokenizers=True)
    await use()
    assert host.asked == []
    await first_count(chat)
    await counts_as(chat, tokenizer)
    await reconfigured(chat, enableDownloadableTokenizers=False)
    await first_count(chat)
    await counts_as(chat, tokenizer)
    assert host.asked == [find(tokenizer).file]
    assert "is used instead" not in await shown(chat)


def choice(chat: Tavern, connect: Connect, name: str) -> Use:
    async def choose() -> None:
        await text_backend(connect)
        await chat.run("connect tokenizer", set=name)

    return choose


async def test_t16_nemo_is_fetched_once(chat: Tavern, host: FileHost, connect: Connect) -> None:
    await fetched(chat, host, "nemo", choice(chat, connect, "nemo"))
    await chat.run("connect tokenizer", set="pixtral")
    await counts_as(chat, "nemo")


async def test_t19_deepseek_is_fetched_once(chat: Tavern, host: FileHost, connect: Connect) -> None:
    await fetched(chat, host, "deepseek", choice(chat, connect, "deepseek"))


COUNTING = {
    "textgenwebui": ("/v1/internal/token-count", {"length": 71}, 71),
    "koboldcpp": ("/api/extra/tokencount", {"value": 72}, 72),
    "tabby": ("/v1/token/encode", {"tokens": [1], "length": 73}, 73),
    "aphrodite": ("/v1/tokenize", {"count": 74, "tokens": [1]}, 74),
}


async def test_t20_the_servers_own_where_it_has_one(chat: Tavern, connect: Connect) -> None:
    for backend, (route, answer, number) in COUNTING.items():
        server = await connect(backend, {route: answer}, model="m", kind="text")
        assert "chosen with" in await chat.run("connect tokenizer", set="api")
        assert await counted(chat, "Hello!") == number
        assert route in [heard.path for heard in server.heard]
    await text_backend(connect)
    told = await chat.run("connect tokenizer", set="api")
    assert told.startswith("Mancer can't count tokens for the bot.")
    for name in ("text-generation-webui", "KoboldCpp", "TabbyAPI", "Aphrodite"):
        assert name in told


async def test_t21_the_older_names(chat: Tavern, connect: Connect, shelve: Shelve) -> None:
    await overridden(chat, connect, shelve, "p50k_base", "GPT-3")
    await overridden(chat, connect, shelve, "gpt2", "GPT-2/3")


async def test_t22_chat_kind_is_never_overridden(chat: Tavern, connect: Connect) -> None:
    await connect("openai", model="gpt-4o")
    told = await chat.run("connect tokenizer", set="gemma")
    assert told.startswith("Chat completion always uses the model's own tokenizer")
    assert "o200k" in await shown(chat)


async def vendor(
    chat: Tavern, connect: Connect, shelve: Shelve, backend: str, models: dict[str, str]
) -> None:
    """Each model of the backend counts with its tokenizer."""
    for model, tokenizer in models.items():
        shelve(tokenizer)
        server = await connect(backend, model=model)
        await counts_as(chat, tokenizer)
        assert "is used instead" not in await shown(chat)
        await talk(chat, server, f"I am {model}.")


async def test_t23_openai_by_model(chat: Tavern, connect: Connect, shelve: Shelve) -> None:
    models = {
        "gpt-4o-mini": "o200k_base",
        "gpt-4-turbo": "cl100k_base",
        "text-davinci-003": "p50k_base",
    }
    await vendor(chat, connect, shelve, "openai", models)


async def test_t24_claudes_vocabulary(chat: Tavern, connect: Connect, shelve: Shelve) -> None:
    await vendor(chat, connect, shelve, "anthropic", {"claude-sonnet-4-5": "claude"})


async def test_t25_openrouter_by_model(chat: Tavern, connect: Connect, shelve: Shelve) -> None:
    models = {
        "meta-llama/llama-2-70b-chat": "llama",
        "mistralai/mixtral-8x7b-instruct": "mistral",
        "google/gemma-2-9b-it": "gemma",
        "01-ai/yi-34b-chat": "yi",
    }
    await vendor(chat, connect, shelve, "openrouter", models)


async def test_t26_google_counts_with_gemma(chat: Tavern, connect: Connect, shelve: Shelve) -> None:
    await vendor(chat, connect, shelve, "gemini", {"gemini-2.5-pro": "gemma"})


async def test_t27_jamba_is_fetched_once(chat: Tavern, host: FileHost, connect: Connect) -> None:
    await fetched(chat, host, "jamba", partial(connect, "ai21", model="jamba-large"))


@pytest.mark.parametrize(
    ("model", "tokenizer"),
    [("command-r-plus", "command-r"), ("command-a-03-2025", "command-a")],
)
async def test_t28_cohere_is_fetched_once(
    chat: Tavern, host: FileHost, connect: Connect, model: str, tokenizer: str
) -> None:
    await fetched(chat, host, tokenizer, partial(connect, "cohere", model=model))


@pytest.mark.parametrize(
    ("model", "tokenizer"), [("open-mistral-7b", "mistral"), ("open-mistral-nemo", "nemo")]
)
async def test_t29_mistral_by_model(
    chat: Tavern, host: FileHost, connect: Connect, model: str, tokenizer: str
) -> None:
    await fetched(chat, host, tokenizer, partial(connect, "mistral", model=model))


async def test_t30_deepseeks_own_is_fetched_once(
    chat: Tavern, host: FileHost, connect: Connect
) -> None:
    await fetched(chat, host, "deepseek", partial(connect, "deepseek", model="deepseek-chat"))


async def test_t31_unknown_models_count_as_gpt_3_5_turbo(
    chat: Tavern, connect: Connect, shelve: Shelve
) -> None:
    shelve("cl100k_base")
    await connect("openai-compatible", model="mystery-7", kind="chat")
    assert "(cl100k) (fallback" in await shown(chat)
    await counts_as(chat, "cl100k_base")


async def test_t32_scale_is_gpt_4(chat: Tavern, connect: Connect, shelve: Shelve) -> None:
    await overridden(chat, connect, shelve, "cl100k_base", "Scale")


@pytest.mark.parametrize(
    ("model", "tokenizer"),
    [
        (QWEN, "qwen2"),
        ("cohere/command-r-plus", "command-r"),
        ("cohere/command-a", "command-a"),
        ("mistralai/mistral-nemo", "nemo"),
        ("deepseek/deepseek-chat", "deepseek"),
    ],
)
async def test_t33_the_first_count_fetches_and_shows_it(
    chat: Tavern, host: FileHost, connect: Connect, model: str, tokenizer: str
) -> None:
    await reconfigured(chat, enableDownloadableTokenizers=True)
    host.holds = True
    await connect("openrouter", model=model)
    assert "downloaded the first time it's needed" in await shown(chat)
    counting = asyncio.create_task(first_count(chat))
    await chat.until(lambda: "Downloading the tokenizer" in newest(chat) and "%" in newest(chat))
    host.go_on.set()
    await counting
    await counts_as(chat, tokenizer)
    assert host.asked == [find(tokenizer).file]


async def test_t34_without_downloads_a_stand_in_is_named(
    chat: Tavern, host: FileHost, connect: Connect
) -> None:
    await reconfigured(chat, enableDownloadableTokenizers=False)
    server = await connect("openrouter", model=QWEN)
    told = await chat.run("connect tokens", text="a" * 100)
    assert "downloads are turned off" in told
    assert "estimate (3.35 bytes per token) is used instead" in told
    await talk(chat, server, "Aye.")
    assert host.asked == []


async def test_t35_a_file_put_there_by_hand(chat: Tavern, connect: Connect) -> None:
    await connect("openrouter", model=QWEN)
    assert "is used instead" in await shown(chat)
    folder = chat.settings.data_dir / "_cache"
    folder.mkdir(exist_ok=True)
    packed = shared_path("tokenizers", find("qwen2").file).read_bytes()
    (folder / "qwen2.json").write_bytes(gzip.decompress(packed))
    await chat.restart()
    assert "is used instead" not in await shown(chat)
    await counts_as(chat, "qwen2")


async def test_t36_llama_3_stands_in(chat: Tavern, connect: Connect, shelve: Shelve) -> None:
    await connect("openrouter", model=QWEN)
    told = await chat.run("connect tokens", text="a" * 100)
    assert "**≈ 30**" in told
    assert "qwen2.json" in told
    shelve("llama3")
    await counts_as(chat, "llama3")
    told = await chat.run("connect tokens", text="Hello!")
    assert "≈" in told
    assert "Llama 3 / 3.1 is used instead" in told
