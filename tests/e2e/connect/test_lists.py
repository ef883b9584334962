"""Lists of backends and models: complete, quick, and asked for once."""

import asyncio
import time
from typing import Any

from core.backends.catalog import Catalog
from tests.conformance.standin import Act, StandIn
from tests.e2e.connect.conftest import Stand
from tests.e2e.tavern.tavern import Tavern


async def offered(chat: Tavern, typed: str, command: str = "connect model use") -> list[Any]:
    return await chat.ann.autocomplete(chat.room, command, "model", model=typed)


def asked(server: StandIn) -> int:
    """How often the list was fetched."""
    return sum(one.path.endswith("/models") for one in server.heard)


async def connected(chat: Tavern, stand: Stand, answer: Any) -> StandIn:
    server: StandIn = await stand("openai-chat", {"/models": answer})
    await chat.run("connect use", backend="openai-compatible", url=server.url, model="vendor/one")
    return server


async def test_five_letters_are_one_download(chat: Tavern, stand: Stand) -> None:
    server = await connected(chat, stand, {"data": [{"id": "vendor/alpha"}]})
    connection = await chat.engine.models.connection(chat.place())
    assert connection is not None
    chat.engine.models.pool.forget(connection)
    before = asked(server)
    for typed in ("", "a", "al", "alp", "alph"):
        assert [one["value"] for one in await offered(chat, typed)] == ["vendor/alpha"]
    assert asked(server) == before + 1


async def test_fifty_thousand_models_answer_within_a_second(chat: Tavern, stand: Stand) -> None:
    data = [{"id": f"vendor/model-{number:05}", "context_length": 8192} for number in range(50_000)]
    await connected(chat, stand, {"data": data})
    # While the list is on its way suggestions answer with what is there.
    async with asyncio.timeout(60):
        while not await offered(chat, "model-4"):
            pass
    for typed in ("model-499", "model-49998"):
        started = time.monotonic()
        found = await offered(chat, typed)
        print(f"{typed!r}: {len(found)} in {time.monotonic() - started:.2f} s")
        assert 0 < len(found) <= 25
    assert [one["value"] for one in found] == ["vendor/model-49998"]
    assert found[0]["name"] == "vendor/model-49998 · 8,192 tokens"
    *first, last = await offered(chat, "")
    assert len(first) == 24
    assert last["name"] == "Keep typing: 50,000 in all"
    told = await chat.run("connect model use", model=last["value"])
    assert told == "Type a few letters of the name, then choose from the list."


async def test_a_slow_list_comes_with_the_next_letter(chat: Tavern, stand: Stand) -> None:
    gate = asyncio.Event()

    async def slowly(body: Any) -> Any:
        await gate.wait()
        return {"data": [{"id": "vendor/slow"}]}

    server = await stand("openai-chat", {"/models": slowly})
    url = server.url
    asking = asyncio.create_task(
        chat.run("connect use", backend="openai-compatible", url=url, model="vendor/one")
    )
    await chat.until(lambda: asked(server))
    assert await offered(chat, "v", "connect model use") == []
    gate.set()
    await asking
    await chat.until(lambda: server.heard)
    async with asyncio.timeout(10):
        while not await offered(chat, "v"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert [one["value"] for one in await offered(chat, "vendor/s")] == ["vendor/slow"]


async def test_every_backend_is_reached_and_the_first_page_says_that_there_are_more(
    chat: Tavern,
) -> None:
    rows = Catalog.load().rows

    async def backends(typed: str) -> list[Any]:
        return await chat.ann.autocomplete(chat.room, "connect use", "backend", backend=typed)

    *first, last = await backends("")
    assert len(first) == 24
    assert last["name"] == f"Keep typing: {len(rows)} in all"
    assert first[0]["name"].endswith("at home")
    assert len({one["value"] for one in first}) == len(first)
    for spec in rows.values():
        assert spec.id in [one["value"] for one in await backends(spec.name)], spec.id
        assert spec.id in [one["value"] for one in await backends(spec.id)], spec.id


async def test_what_a_model_does_not_take_is_not_sent(chat: Tavern, stand: Stand) -> None:
    taken = ["temperature", "max_tokens", "stop"]
    data = [{"id": "maker/small", "context_length": 32768, "supported_parameters": taken}]
    server = await stand("openai-chat", {"/models": {"data": data}})
    await chat.run("connect use", backend="openrouter", url=server.url, model="maker/small")
    await chat.form("connect key", {"key": "sk-or-123456789"})
    told = await chat.run("connect sampler set", name="top_k", value="40")
    assert "doesn't support `top_k`, so it's not sent" in told
    await chat.run("connect sampler set", name="temperature", value="0.7")
    server.acts.append(Act(pieces=["Hm."]))
    chat.ann.send(chat.room, "Hello!")
    await chat.reply("Hm.")
    body = server.replies[-1].body
    assert body["temperature"] == 0.7
    assert "top_k" not in body


async def test_openais_models_that_write_nothing_stand_apart(chat: Tavern, stand: Stand) -> None:
    ids = ["gpt-4o", "text-embedding-3-large", "dall-e-3", "gpt-image-1", "whisper-1", "tts-1"]
    server = await stand("openai-chat", {"/models": {"data": [{"id": one} for one in ids]}})
    await chat.run("connect use", backend="openai", url=server.url, model="gpt-4o")
    assert [one["value"] for one in await offered(chat, "")] == ["gpt-4o"]
    page = (await chat.answer("connect model list"))["embeds"][0]["description"]
    texts, _, others = page.partition("**Only for making pictures**")
    pictures, _, rest = others.partition("**Not for replies**")
    assert texts.split() == ["`gpt-4o`", "·", "128,000", "tokens"]
    assert all(one in pictures for one in ("dall-e-3", "gpt-image-1"))
    assert all(one in rest for one in ("text-embedding-3-large", "whisper-1", "tts-1"))


async def test_a_clamped_value_says_so_when_it_is_set(chat: Tavern, stand: Stand) -> None:
    server = await stand("cohere", {"/v1/models": {"models": [{"name": "command-a"}]}})
    await chat.run("connect use", backend="cohere", url=server.url, model="command-a")
    told = await chat.run("connect sampler set", name="temperature", value="1.8")
    assert told.startswith("`temperature` is now **1** in this channel.")
    assert "Cohere takes 0 … 1 for `temperature`, so 1 is sent instead of 1.8." in told
