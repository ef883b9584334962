"""What only some servers have: loading models, tiers, formats of their own."""

import json
from typing import Any

import pytest

from tests.conformance.standin import Act
from tests.e2e.connect.conftest import Stand
from tests.e2e.tavern.tavern import Tavern

TABBY: dict[str, Any] = {
    "/v1/models": {"data": [{"id": "mira-exl2"}, {"id": "tobin-exl2"}]},
    "/v1/model/load": {"status": "finished"},
    "/v1/model/unload": {},
    "/v1/model": {"id": "mira-exl2", "parameters": {"max_seq_len": 8192}},
    "/v1/token/encode": {"tokens": [1, 2], "length": 2},
}


async def test_models_are_loaded_and_unloaded(chat: Tavern, stand: Stand) -> None:
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


@pytest.mark.parametrize(("tier", "name", "size"), [(1, "Tablet", "4,096"), (3, "Opus", "8,192")])
async def test_the_subscription_decides_the_context(
    chat: Tavern, stand: Stand, tier: int, name: str, size: str
) -> None:
    server = await stand("novelai", {"/user/subscription": {"tier": tier, "active": True}})
    await chat.run("connect use", backend="novelai", url=server.url, model="kayra-v1")
    await chat.form("connect key", {"key": "pst-123456"})
    shown = await chat.run("connect show")
    assert f"Context: {size} tokens" in shown
    assert f"Subscription: {name}" in shown


async def test_refusals_say_who_refused(chat: Tavern, stand: Stand) -> None:
    server = await stand("gemini", {"/v1beta/models": {"models": []}})
    await chat.run("connect use", backend="gemini", url=server.url, model="gemini-2.5-flash")
    await chat.form("connect key", {"key": "AIza-123456"})
    blocked = {"candidates": [{"finishReason": "SAFETY", "index": 0}]}
    body = f"data: {json.dumps(blocked)}\n\n".encode()
    server.acts.append(Act(body=body, content_type="text/event-stream"))
    chat.ann.send(chat.room, "Hello!")
    await chat.until(lambda: "would not answer this (safety)" in chat.texts()[-1])
    assert "Google AI Studio" in chat.texts()[-1]
