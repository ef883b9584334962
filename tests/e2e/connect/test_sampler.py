"""`/connect sampler`: values with ranges and help, sent or said to be unused."""

from tests.conformance.standin import Act
from tests.e2e.connect.conftest import KOBOLDCPP, Stand
from tests.e2e.tavern.tavern import Tavern


async def _kobold(chat: Tavern, stand: Stand) -> dict[str, object]:
    """Connects a KoboldCpp, has it reply once and returns the request's body."""
    server = await stand("koboldcpp", KOBOLDCPP)
    await chat.run("connect use", backend="koboldcpp", url=server.url)
    return await _body(chat, server)


async def _body(chat: Tavern, server: object, text: str = "Aye.") -> dict[str, object]:
    server.acts.append(Act(pieces=[text]))  # type: ignore[attr-defined]
    chat.ann.send(chat.room, "Hello!")
    await chat.reply(text)
    return server.replies[-1].body  # type: ignore[attr-defined,no-any-return]


async def test_without_a_preset_the_defaults_are_sent(chat: Tavern, stand: Stand) -> None:
    body = await _kobold(chat, stand)
    assert (body["temperature"], body["min_p"]) == (1.0, 0.05)


async def test_chat_kind_leaves_all_but_the_temperature_to_the_vendor(
    chat: Tavern, stand: Stand
) -> None:
    server = await stand("openai-chat")
    await chat.run("connect use", backend="openai-compatible", url=server.url, model="m")
    body = await _body(chat, server)
    assert body["temperature"] == 1.0
    assert not {"min_p", "top_p", "top_k"} & body.keys()


async def test_a_value_set_is_sent_and_shown(chat: Tavern, stand: Stand) -> None:
    server = await stand("koboldcpp", KOBOLDCPP)
    await chat.run("connect use", backend="koboldcpp", url=server.url)
    told = await chat.run("connect sampler set", name="top_k", value="40")
    assert "**40**" in told
    assert "0 … 500" in told
    assert (await _body(chat, server))["top_k"] == 40
    shown = await chat.answer("connect sampler show")
    assert "`top_k` = **40** · set here" in shown["embeds"][0]["description"]
    assert "KoboldCpp supports" in shown["embeds"][0]["description"]
    await chat.run("connect sampler reset", name="top_k")
    assert (await _body(chat, server, "Nay."))["top_k"] == 0


async def test_a_value_out_of_range_is_refused_with_its_range(chat: Tavern) -> None:
    told = await chat.run("connect sampler set", name="top_p", value="3")
    assert "0 … 1" in told
    told = await chat.run("connect sampler set", name="topp", value="1")
    assert "topp" in told


async def test_a_sampler_that_the_backend_lacks_is_said_and_not_sent(
    chat: Tavern, stand: Stand
) -> None:
    server = await stand("openai-chat")
    await chat.run("connect use", backend="openai-compatible", url=server.url, model="m")
    told = await chat.run("connect sampler set", name="dry_multiplier", value="0.8")
    assert "doesn't support `dry_multiplier`" in told
    assert "dry_multiplier" not in await _body(chat, server)


async def test_a_preset_of_the_kind_in_use(chat: Tavern, stand: Stand) -> None:
    server = await stand("koboldcpp", KOBOLDCPP)
    await chat.run("connect use", backend="koboldcpp", url=server.url)
    offered = await chat.ann.autocomplete(chat.room, "connect sampler preset", "name", name="bal")
    assert [choice["value"] for choice in offered] == ["Balanced"]
    shown = await chat.answer("connect sampler preset", name="Balanced")
    assert "Preset: **Balanced**" in shown["embeds"][0]["description"]
    assert (await _body(chat, server))["dry_multiplier"] == 0.8
    told = await chat.run("connect sampler preset", name="No such thing")
    assert "No such thing" in told
    await chat.answer("connect sampler reset")
    assert (await _body(chat, server, "Nay."))["dry_multiplier"] == 0


async def test_suggestions_show_range_and_present_value(chat: Tavern, stand: Stand) -> None:
    server = await stand("koboldcpp", KOBOLDCPP)
    await chat.run("connect use", backend="koboldcpp", url=server.url)
    offered = await chat.ann.autocomplete(
        chat.room, "connect sampler set", "name", name="temp", value=""
    )
    assert {"name": "temperature · 0 … 10 · 1", "value": "temperature"} in offered
    offered = await chat.ann.autocomplete(
        chat.room, "connect sampler set", "value", name="top_k", value=""
    )
    assert any("0 is off" in choice["name"] for choice in offered)
