"""`/connect use` without a backend, keys as addresses, and faulty connections of the house."""

from pathlib import Path
from typing import Any

import pytest

from tests.conformance.standin import StandIn
from tests.e2e.connect.conftest import KOBOLDCPP, Stand
from tests.e2e.tavern.tavern import Tavern, opened

NEEDED = "Say with `backend:` which service or server you mean."
MODELS = {"/models": {"object": "list", "data": [{"id": "small"}, {"id": "large"}]}}


async def use(tavern: Tavern, server: StandIn) -> None:
    await tavern.run("connect use", backend="openai-compatible", url=server.url, model="small")


async def test_values_go_to_the_connection_that_answers_here(tavern: Tavern, stand: Stand) -> None:
    first, second = await stand("openai-chat", MODELS), await stand("openai-chat", MODELS)
    await use(tavern, first)
    text = await tavern.run("connect use", url=second.url)
    assert "will answer here from now on" in text
    assert second.url in text
    assert "`small`" in text
    text = await tavern.run("connect use", model="large")
    assert "`large`" in text
    assert second.url in text
    (own,) = [
        one
        for one in await tavern.engine.services.connections.list(tavern.place())
        if one.backend == "openai-compatible"
    ]
    assert (own.url, own.model) == (second.url, "large")


@pytest.mark.parametrize(
    "given", [{"url": "127.0.0.1:8801"}, {"model": "zzz"}, {"kind": "chat"}, {"name": "Home"}]
)
async def test_values_of_nobody_are_not_dropped_in_silence(
    tavern: Tavern, given: dict[str, Any]
) -> None:
    assert await tavern.run("connect use", **given) == NEEDED


async def test_a_services_address_is_its_own(tavern: Tavern) -> None:
    await tavern.run("connect use", backend="openai", model="gpt-4o")
    assert await tavern.run("connect use", url="127.0.0.1:8801") == NEEDED


async def test_a_key_is_never_stored_as_an_address(tavern: Tavern) -> None:
    key = "sk-or-v1-0123456789abcdef0123456789abcdef"
    text = await tavern.run("connect use", backend="koboldcpp", url=key)
    assert text == "That address can't be used. It looks like a key; keys go into `/connect key`."
    listed = await tavern.engine.services.connections.list(tavern.place())
    assert [one.name for one in listed] == ["rehearsal"]


async def test_one_faulty_connection_of_the_house_leaves_the_others_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stand: Stand
) -> None:
    kobold, chat = await stand("koboldcpp", KOBOLDCPP), await stand("openai-chat", MODELS)
    offered = [
        {"name": "C", "backend": "koboldcpp", "url": "ftp://127.0.0.1:8803"},
        {"name": "D", "backend": "koboldcpp", "url": kobold.url},
        {"name": "E", "backend": "openai-compatible", "url": chat.url, "model": "small"},
    ]
    async with opened(monkeypatch, tmp_path, connections=offered) as tavern:
        choices = await tavern.ann.autocomplete(tavern.room, "connect use", "backend", backend="")
        names = [choice["value"] for choice in choices]
        assert {"D", "E"} <= set(names)
        assert "C" not in names
        assert "There is no backend called “C”" in await tavern.run("connect use", backend="C")
        assert "will answer here from now on" in await tavern.run("connect use", backend="E")
        text = await tavern.run("connect use", model="large")
        assert "`large`" in text
        assert chat.url in text
        listed = await tavern.engine.services.connections.list(tavern.place())
        assert sorted(one.name for one in listed) == ["D", "E", "rehearsal"]
        (shown,) = (await tavern.answer("connect list"))["embeds"]
        assert "ftp" not in shown["description"]
