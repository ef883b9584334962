"""What only some servers have: loading models, tiers, formats of their own."""

import json
from typing import Any

import pytest

from tests.conformance.standin import Act
from tests.e2e.connect.conftest import KOBOLDCPP, TEXTGEN, Stand
from tests.e2e.connect.test_doctor import closed_port
from tests.e2e.tavern.tavern import Tavern

TABBY: dict[str, Any] = {
    "/v1/models": {"data": [{"id": "mira-exl2"}, {"id": "tobin-exl2"}]},
    "/v1/model/load": {"status": "finished"},
    "/v1/model/unload": {},
    "/v1/model": {"id": "mira-exl2", "parameters": {"max_seq_len": 8192}},
    "/v1/token/encode": {"tokens": [1, 2], "length": 2},
}


async def test_B15_models_are_loaded_and_unloaded(chat: Tavern, stand: Stand) -> None:
    server = await stand("openai-text", TABBY)
    await chat.run("connect use", backend="tabby", url=server.url)
    offered = await chat.ann.autocomplete(chat.room, "connect model load", "name", name="tob")
    assert [choice["value"] for choice in offered] == ["tobin-exl2"]
    told = await chat.run("connect model load", name="tobin-exl2")
    assert "**tobin-exl2** is loaded." in told
    heard = [one for one in server.heard if one.path == "/v1/model/load"]
    assert heard[-1].body == {"model_name": "tobin-exl2"}
    assert "tobin-exl2" in await chat.run("connect show")
    assert "unloaded" in await chat.run("connect model unload")
    assert any(one.path == "/v1/model/unload" for one in server.heard)
    await chat.run("connect use", backend="koboldcpp", url=server.url)
    told = await chat.run("connect model load", name="x")
    assert "loaded" not in told


async def test_B14_tabby_streams_with_its_key(chat: Tavern, stand: Stand) -> None:
    server = await stand("openai-text", TABBY)
    await chat.run("connect use", backend="tabby", url=server.url)
    await chat.form("connect key", {"key": "tabby-123456"})
    server.acts.append(Act(pieces=["Hm", "m."]))
    chat.ann.send(chat.room, "Hello!")
    await chat.reply("Hmm.")
    assert server.replies[-1].headers["authorization"] == "Bearer tabby-123456"
    assert server.replies[-1].body["stream"] is True


@pytest.mark.parametrize(("tier", "name", "size"), [(1, "Tablet", "4,096"), (3, "Opus", "8,192")])
async def test_C23_the_subscription_decides_the_context(
    chat: Tavern, stand: Stand, tier: int, name: str, size: str
) -> None:
    server = await stand("novelai", {"/user/subscription": {"tier": tier, "active": True}})
    await chat.run("connect use", backend="novelai", url=server.url, model="kayra-v1")
    await chat.form("connect key", {"key": "pst-123456"})
    shown = await chat.run("connect show")
    assert f"Context: {size} tokens" in shown
    assert f"Subscription: {name}" in shown


async def test_B7_ollamas_installed_models(chat: Tavern, stand: Stand) -> None:
    tags = {"models": [{"name": "llama3:8b", "model": "llama3:8b"}, {"name": "mistral:7b"}]}
    server = await stand("ollama", {"/api/tags": tags, "/api/show": {"details": {}}})
    await chat.run("connect use", backend="ollama", url=server.url)
    offered = await chat.ann.autocomplete(chat.room, "connect model use", "model", model="")
    assert {choice["value"] for choice in offered} == {"llama3:8b", "mistral:7b"}
    await chat.run("connect model use", model="mistral:7b")
    server.acts.append(Act(pieces=["Oui."]))
    chat.ann.send(chat.room, "Hello!")
    await chat.reply("Oui.")
    assert server.replies[-1].body["model"] == "mistral:7b"
    assert server.replies[-1].body["options"]["num_ctx"]


async def test_A2_A5_the_kind_alone_changes_the_shape(chat: Tavern, stand: Stand) -> None:
    kobold = await stand("koboldcpp", KOBOLDCPP)
    await chat.run("connect use", backend="koboldcpp", url=kobold.url, kind="text")
    before = await chat.run("connect show")
    kobold.acts.append(Act(pieces=["One."]))
    chat.ann.send(chat.room, "Hello!")
    await chat.reply("One.")
    assert isinstance(kobold.replies[-1].body["prompt"], str)
    await chat.run("connect use", backend="koboldcpp", kind="chat")
    after = await chat.run("connect show")
    changed = set(before.splitlines()) ^ set(after.splitlines())
    assert {line for line in changed if line.startswith("Service")} == {
        "Service: KoboldCpp (text completion)",
        "Service: KoboldCpp (chat completion)",
    }


async def test_A3_a_kind_that_a_backend_lacks(chat: Tavern) -> None:
    told = await chat.run("connect use", backend="horde", kind="chat")
    assert "it takes `text`" in told
    assert "text completion" in await chat.run("connect use", backend="horde")


async def test_B11_B12_addresses_are_stored_alike(chat: Tavern, stand: Stand) -> None:
    server = await stand("openai-text", TEXTGEN)
    for ending in ("", "/", "/v1", "/v1/"):
        told = await chat.run("connect use", backend="textgenwebui", url=server.url + ending)
        assert f"Address: <{server.url}>" in told


async def test_B17_koboldai_classic_is_small_and_old(chat: Tavern) -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    told = await chat.run("connect use", backend="koboldai", url=url)
    assert "2,048" in told
    assert "no longer developed" in told


async def test_C1_keys_by_form_shown_by_their_end_only(chat: Tavern) -> None:
    await chat.run("connect use", backend="openai", model="gpt-4o")
    told = await chat.form("connect key", {"key": "sk-very-secret-9876"})
    shown = await chat.run("connect show")
    assert "…9876" in told
    assert "…9876" in shown
    assert "secret" not in told + shown


async def test_C8_a_rate_limit_is_waited_for_visibly(chat: Tavern, stand: Stand) -> None:
    server = await stand("gemini", {"/v1beta/models": {"models": []}})
    await chat.run("connect use", backend="gemini", url=server.url, model="gemini-2.5-flash")
    await chat.form("connect key", {"key": "AIza-123456"})
    server.acts += [
        Act(status=429, message="slow down", headers={"Retry-After": "1"}),
        Act(pieces=["Patience."]),
    ]
    chat.ann.send(chat.room, "Hello!")
    await chat.until(lambda: "asked us to wait" in chat.texts()[-1])
    await chat.reply("Patience.")
    assert len(server.replies) == 2


async def test_C2_refusals_say_who_refused(chat: Tavern, stand: Stand) -> None:
    server = await stand("gemini", {"/v1beta/models": {"models": []}})
    await chat.run("connect use", backend="gemini", url=server.url, model="gemini-2.5-flash")
    await chat.form("connect key", {"key": "AIza-123456"})
    blocked = {"candidates": [{"finishReason": "SAFETY", "index": 0}]}
    body = f"data: {json.dumps(blocked)}\n\n".encode()
    server.acts.append(Act(body=body, content_type="text/event-stream"))
    chat.ann.send(chat.room, "Hello!")
    await chat.until(lambda: "would not answer this (safety)" in chat.texts()[-1])
    assert "Google AI Studio" in chat.texts()[-1]


async def test_C25_autocomplete_over_many_models(chat: Tavern, stand: Stand) -> None:
    data = [{"id": f"vendor/model-{number:03}", "type": "chat-completion"} for number in range(320)]
    server = await stand("openai-chat", {"/v1/models": {"data": data}})
    await chat.run("connect use", backend="aimlapi", url=server.url)
    offered = await chat.ann.autocomplete(chat.room, "connect model use", "model", model="31")
    values = [choice["value"] for choice in offered]
    assert "vendor/model-310" in values
    assert len(values) <= 25


async def test_C6_a_refused_prefill_is_left_out_and_said(chat: Tavern, stand: Stand) -> None:
    from core.chat.place import Actor
    from core.options.table import REPLY_START

    server = await stand("anthropic", {"/v1/models": {"data": [{"id": "claude-opus-4-5"}]}})
    await chat.run("connect use", backend="anthropic", url=server.url, model="claude-opus-4-5")
    await chat.form("connect key", {"key": "sk-ant-123456789"})
    ann = Actor(int(chat.ann.id), "Ann", manager=True)
    await chat.engine.services.options.set(ann, chat.place(), REPLY_START, "Well,")
    server.acts += [
        Act(status=400, message="This model does not support assistant message prefill."),
        Act(pieces=["So it is."]),
    ]
    chat.ann.send(chat.room, "Hello!")
    await chat.until(lambda: "doesn't support a reply start" in chat.texts()[-1])
    first, second = (one.body["messages"][-1] for one in server.replies)
    assert (first["role"], second["role"]) == ("assistant", "user")
