"""Chains, queues, characters with connections of their own, and what stands under replies."""

import asyncio
import json

from bot.playground.world.models import Channel
from core.engine.replies import SlowModelHint
from tests.conformance.standin import Act
from tests.e2e.connect.conftest import KOBOLDCPP, Stand
from tests.e2e.connect.test_doctor import closed_port
from tests.e2e.tavern.cards import document
from tests.e2e.tavern.tavern import Tavern, labels


async def test_the_next_of_the_chain_answers_when_the_first_is_down(
    chat: Tavern, stand: Stand
) -> None:
    spare = await stand("openai-chat", {"/v1/models": {"data": [{"id": "m"}]}})
    await chat.run(
        "connect use", backend="openai-compatible", url=spare.url, model="m", name="spare"
    )
    await chat.run("connect use", backend="koboldcpp", url=f"http://127.0.0.1:{closed_port()}")
    told = await chat.run("connect fallback", to="spare")
    assert "**spare** will answer instead" in told
    spare.acts.append(Act(pieces=["I step in."]))
    chat.ann.send(chat.room, "Hello!")
    message = await _reply(chat, "I step in.")
    assert "-# ↪ spare answered" in message
    roles = [one["role"] for one in spare.replies[-1].body["messages"]]
    assert roles[-1] == "user"
    assert "Fallback: spare" in await chat.run("connect show")
    await chat.run("connect fallback", to="-")
    assert "Fallback" not in await chat.run("connect show")


async def test_a_chain_ends_where_it_began(chat: Tavern) -> None:
    for name in ("one", "two"):
        url = f"http://127.0.0.1:{closed_port()}"
        await chat.run("connect use", backend="llamacpp", url=url, name=name)
    await chat.run("connect fallback", to="one", connection="two")
    await chat.run("connect fallback", to="two", connection="one")
    chat.ann.send(chat.room, "Hello!")
    await chat.until(lambda: _with(chat, "llama.cpp can't be reached"))
    told = await chat.run("connect fallback", to="two", connection="two")
    assert "another connection" in told


async def test_a_busy_server_shows_the_place_in_its_queue(chat: Tavern, stand: Stand) -> None:
    server = await stand("koboldcpp", KOBOLDCPP)
    await chat.run("connect use", backend="koboldcpp", url=server.url)
    other = chat.playground.channel("campfire")
    await chat.run("chat start", room=other, character="Mira")
    await chat.run("connect use", room=other, backend="koboldcpp")
    server.acts += [Act(stall_after=1), Act(pieces=["At last."])]
    chat.ann.send(chat.room, "First!")
    await server.asked.wait()
    chat.ben.send(other, "Second!")
    await chat.until(lambda: _with(chat, "number 1 in line", other))
    assert len(server.replies) == 1
    await _press_stop(chat)
    await _reply(chat, "At last.", other)


async def test_novelai_writes_one_reply_at_a_time_for_an_account(
    chat: Tavern, stand: Stand
) -> None:
    server = await stand("novelai", {"/user/subscription": {"tier": 3}})
    await chat.run("connect use", backend="novelai", url=server.url, model="kayra-v1")
    await chat.form("connect key", {"key": "pst-123456"})
    other = chat.playground.channel("campfire")
    await chat.run("chat start", room=other, character="Mira")
    await chat.run("connect use", room=other, backend="novelai")
    server.acts += [Act(stall_after=1), Act(pieces=["At last."])]
    chat.ann.send(chat.room, "First!")
    await server.asked.wait()
    chat.ben.send(other, "Second!")
    await chat.until(lambda: _with(chat, "number 1 in line", other))
    await _press_stop(chat)
    await _reply(chat, "At last.", other)
    assert server.replies[-1].body["parameters"]["max_length"] == 250


async def test_a_queued_reply_can_be_cancelled(chat: Tavern, stand: Stand) -> None:
    server = await stand("koboldcpp", KOBOLDCPP)
    await chat.run("connect use", backend="koboldcpp", url=server.url)
    other = chat.playground.channel("campfire")
    await chat.run("chat start", room=other, character="Mira")
    await chat.run("connect use", room=other, backend="koboldcpp")
    server.acts += [Act(stall_after=1)]
    chat.ann.send(chat.room, "First!")
    await server.asked.wait()
    chat.ben.send(other, "Second!")
    await chat.until(lambda: _with(chat, "number 1 in line", other))
    chat.ben.press(chat.said(other)[-1], "Stop")
    await chat.until(lambda: not _with(chat, "in line", other))
    assert len(server.replies) == 1
    await _press_stop(chat)
    await asyncio.wait_for(server.gone.wait(), 10)


async def test_a_character_with_a_connection_of_its_own(tavern: Tavern, stand: Stand) -> None:
    server = await stand("koboldcpp", KOBOLDCPP)
    for name in ("Mira", "Tobin"):
        card = json.dumps(document(name)).encode()
        given = tavern.ann.command(
            tavern.room, "character import", file=0, files=[(f"{name}.json", card)]
        )
        await given.response()
    told = await tavern.run("connect use", backend="koboldcpp", url=server.url, character="Tobin")
    assert "**koboldcpp** now answers for Tobin." in told
    await tavern.run("chat start", character="Tobin")
    server.acts.append(Act(pieces=["I am Tobin."]))
    tavern.ann.send(tavern.room, "Hello!")
    await _reply(tavern, "I am Tobin.")
    told = await tavern.run("connect off", character="Tobin")
    assert "channel's model" in told
    assert len(server.replies) == 1


async def test_llamacpp_keeps_a_channel_in_its_slot(chat: Tavern, stand: Stand) -> None:
    answers = {
        "/props": {"default_generation_settings": {"n_ctx": 8192}, "total_slots": 2},
        "/v1/models": {"data": [{"id": "m.gguf"}]},
        "/tokenize": {"tokens": [1, 2, 3]},
    }
    server = await stand("llamacpp", answers)
    await chat.run("connect use", backend="llamacpp", url=server.url)
    other = chat.playground.channel("campfire")
    await chat.run("chat start", room=other, character="Mira")
    await chat.run("connect use", room=other, backend="llamacpp")
    slots = []
    for number, room in enumerate((chat.room, other, chat.room, other)):
        server.acts.append(Act(pieces=[f"Reply {number}."]))
        chat.ann.send(room, "Go on!")
        await _reply(chat, f"Reply {number}.", room)
        slots.append(server.replies[-1].body["id_slot"])
    assert slots[0] == slots[2]
    assert slots[1] == slots[3]
    assert slots[0] != slots[1]


async def test_citations_become_links(chat: Tavern, stand: Stand) -> None:
    server = await stand("openai-chat")
    await chat.run("connect use", backend="perplexity", url=server.url, model="sonar")
    chunk = {
        "choices": [{"index": 0, "delta": {"content": "Rain is wet."}, "finish_reason": "stop"}],
        "citations": ["https://rain.example/a", "javascript:alert(1)", "https://wet.example/b"],
    }
    body = f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n".encode()
    await chat.form("connect key", {"key": "pplx-123456"})
    server.acts.append(Act(body=body, content_type="text/event-stream"))
    chat.ann.send(chat.room, "Is it?")
    message = await _reply(chat, "Rain is wet.")
    links = "-# Sources: [1](<https://rain.example/a>) [3](<https://wet.example/b>)"
    assert links in message


def test_one_hint_about_slowness() -> None:
    clock = 0.0
    watch = SlowModelHint(lambda: clock)
    key = "server"
    said = [watch.note(key, 1.0) for _ in range(7)]
    assert said == [False, False, True, False, False, False, False]
    assert not watch.note(key, 30.0)
    clock = 90_000.0
    assert [watch.note(key, 1.9) for _ in range(3)] == [False, False, True]
    assert [watch.note(key, rate) for rate in (1.0, 1.0, 5.0, 1.0, 1.0)] == [False] * 5


def _with(tavern: Tavern, words: str, room: Channel | None = None) -> str | None:
    """The newest message of the bot, if it holds these words."""
    shown = tavern.texts(room)
    return shown[-1] if shown and words in shown[-1] else None


async def _reply(tavern: Tavern, words: str, room: Channel | None = None) -> str:
    """Waits for a finished reply that holds these words; its whole text."""

    def check() -> str | None:
        shown = tavern.said(room)[-1]
        done = "Regenerate" in labels(shown) and words in shown["content"]
        return str(shown["content"]) if done else None

    return str(await tavern.until(check))


async def _press_stop(tavern: Tavern) -> None:
    def check() -> dict[str, object] | None:
        shown = tavern.said()[-1]
        return shown if "Stop" in labels(shown) else None

    tavern.ann.press(await tavern.until(check), "Stop")
