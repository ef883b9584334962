"""Whose a connection is: a channel's own, a shared one with a name, a server's first."""

from functools import partial
from typing import Any

import pytest

from core.chat.place import Scope
from core.options.table import CONNECTION
from tests.conformance.standin import Act, StandIn
from tests.e2e.connect.conftest import Stand
from tests.e2e.tavern.tavern import Tavern, labels

MODELS = {"/models": {"object": "list", "data": [{"id": "small"}, {"id": "large"}]}}


async def own(chat: Tavern, server: StandIn, **more: Any) -> str:
    given = {"backend": "openai-compatible", "url": server.url, "model": "small", **more}
    return await chat.run("connect use", **given)


async def talks(chat: Tavern, server: StandIn, room: Any, text: str) -> Any:
    """A reply in a room, which comes from this server; what it was asked."""
    server.acts.append(Act(pieces=[text]))
    chat.ann.send(room, "Hello!")
    await chat.reply(text, room=room)
    return server.replies[-1]


@pytest.fixture
async def two(chat: Tavern) -> tuple[Any, Any]:
    """Two channels in which Mira plays."""
    other = chat.playground.channel("campfire")
    await chat.run("chat start", room=other, character="Mira")
    await chat.reply("*Mira looks up.* Well met, Ann.", room=other)
    return chat.room, other


async def test_a_second_channels_server_leaves_the_first_one_alone(
    chat: Tavern, two: tuple[Any, Any], stand: Stand
) -> None:
    first, second = await stand("openai-chat", MODELS), await stand("openai-chat", MODELS)
    told = await own(chat, first, room=two[0])
    assert "first model, so it answers in all channels" in told
    await chat.form("connect key", {"key": "sk-of-the-first-1234"}, room=two[0])
    told = await own(chat, second, room=two[1], model="large")
    assert "first model" not in told
    await chat.form("connect key", {"key": "sk-of-the-second-5678"}, room=two[1])
    one = await talks(chat, first, two[0], "From the first.")
    other = await talks(chat, second, two[1], "From the second.")
    assert (one.body["model"], other.body["model"]) == ("small", "large")
    assert one.headers["authorization"] == "Bearer sk-of-the-first-1234"
    assert other.headers["authorization"] == "Bearer sk-of-the-second-5678"
    assert len(first.replies) == len(second.replies) == 1


async def test_the_first_connection_answers_everywhere_or_only_here(
    chat: Tavern, two: tuple[Any, Any], stand: Stand
) -> None:
    server = await stand("openai-chat", MODELS)
    told = await chat.answer(
        "connect use", backend="openai-compatible", url=server.url, model="small"
    )
    assert "Only here" in labels(told)
    assert (await talks(chat, server, two[1], "Everywhere.")).body["model"] == "small"
    chat.ann.press(told, "Only here")
    await chat.until(lambda: "first model" not in chat.ann.sees(chat.room)[-1]["content"])
    assert "rehearsal" in (await chat.run("connect show", room=two[1])).lower()
    assert server.url in await chat.run("connect show", room=two[0])


async def test_a_shared_connections_change_names_the_channels_and_asks(
    chat: Tavern, two: tuple[Any, Any], stand: Stand
) -> None:
    server = await stand("openai-chat", MODELS)
    await own(chat, server, room=two[0], name="Home")
    await chat.run("connect use", room=two[1], backend="Home")
    for press, here, there in (("Only here", "large", "small"), ("Change all", "tiny", "tiny")):
        asked = await chat.answer("connect model use", room=two[0], model=here)
        if press == "Change all":  # the channel has a model of its own now
            await chat.run("connect use", room=two[0], backend="Home")
            asked = await chat.answer("connect model use", room=two[0], model=here)
        assert asked["content"] == f"This also changes <#{two[1].id}>."
        chat.ann.press(asked, press)
        answers = f"**{here}** will answer"
        await chat.until(partial(said_last, chat, two[0], answers))
        assert (await talks(chat, server, two[0], f"Here {here}.")).body["model"] == here
        assert (await talks(chat, server, two[1], f"There {there}.")).body["model"] == there


def said_last(chat: Tavern, room: Any, words: str) -> bool:
    return words in chat.ann.sees(room)[-1]["content"]


async def test_list_rename_and_delete(chat: Tavern, two: tuple[Any, Any], stand: Stand) -> None:
    server = await stand("openai-chat", MODELS)
    await own(chat, server, room=two[0])
    await own(chat, await stand("openai-chat", MODELS), room=two[1])
    await chat.form("connect key", {"key": "sk-of-the-second-5678"}, room=two[1])
    listed = (await chat.answer("connect list"))["embeds"][0]["description"]
    assert (
        "**openai-compatible** · OpenAI-compatible server · `small` · this whole server" in listed
    )
    assert (
        f"**openai-compatible 2** · OpenAI-compatible server · `small` · <#{two[1].id}>" in listed
    )
    told = await chat.run("connect rename", connection="openai-compatible 2", name="Attic")
    assert told == "**openai-compatible 2** is now **Attic**."
    told = await chat.run("connect use", room=two[0], backend="Attic")
    assert told.startswith("**Attic** will answer here")
    asked = await chat.answer("connect delete", connection="Attic")
    assert asked["content"].startswith("Delete **Attic**? It answers in <#")
    assert "Its key goes with it." in asked["content"]
    chat.ann.press(asked, "Delete")
    await chat.until(lambda: "Deleted **Attic**" in chat.ann.sees(chat.room)[-1]["content"])
    names = [one.name for one in await chat.engine.services.connections.list(chat.place())]
    assert "Attic" not in names
    chosen = await chat.engine.services.options.chosen(chat.place().owner, CONNECTION)
    assert [(row.scope, row.value) for row in chosen] == [(Scope.SERVER, "openai-compatible")]
    files = chat.settings.data_dir.iterdir()
    assert all(b"sk-of-the-second" not in one.read_bytes() for one in files if one.is_file())
