"""Whose a connection is: a channel's own, a shared one with a name, a server's first."""

from functools import partial
from typing import Any

import pytest

from core.chat.place import Scope
from core.options.table import CONNECTION
from tests.conformance.standin import Act, StandIn
from tests.e2e.connect.conftest import KOBOLDCPP, Stand
from tests.e2e.connect.test_page import opened
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


@pytest.fixture
async def shared(chat: Tavern, two: tuple[Any, Any], stand: Stand) -> StandIn:
    """A server that both channels use, through the connection Home."""
    server = await stand("openai-chat", MODELS)
    await own(chat, server, room=two[0], name="Home")
    await chat.run("connect use", room=two[1], backend="Home")
    return server


async def answered(chat: Tavern, room: Any, other: Any, press: str) -> None:
    """Waits for the question for whom a change is meant, which names the other channel."""
    question = f"This also changes <#{other.id}>."

    def asked() -> Any:
        return next((one for one in chat.ann.sees(room) if one["content"] == question), None)

    message = await chat.until(asked)
    await chat.ann.press(message, press).acknowledged()
    await chat.until(lambda: asked() is None)


async def saved(chat: Tavern, room: Any) -> Any:
    return await chat.engine.models.connection(chat.place(room))


async def test_a_key_for_the_whole_server_names_the_channels_that_follow(
    chat: Tavern, two: tuple[Any, Any], shared: StandIn
) -> None:
    for who, key in (("server", "sk-for-all-1234"), ("channel", "sk-for-here-5678")):
        told = await chat.form("connect key", {"key": key, "who": who}, room=two[0])
        assert (f"Also used in <#{two[1].id}>." in told) is (who == "server")
        here = await talks(chat, shared, two[0], f"Here with {key}.")
        there = await talks(chat, shared, two[1], f"There with {key}.")
        assert here.headers["authorization"] == f"Bearer {key}"
        assert there.headers["authorization"] == "Bearer sk-for-all-1234"


@pytest.mark.parametrize(
    ("press", "there"), [("Only here", ""), ("Change all", "Spare")], ids=["here", "all"]
)
async def test_a_fallback_is_asked_about(
    chat: Tavern, two: tuple[Any, Any], shared: StandIn, press: str, there: str
) -> None:
    await own(chat, shared, room=two[1], name="Spare")
    await chat.run("connect use", room=two[1], backend="Home")
    chat.ann.command(two[0], "connect fallback", to="Spare")
    await answered(chat, two[0], two[1], press)
    await chat.until(partial(said_last, chat, two[0], "**Spare** will answer instead"))
    assert (await saved(chat, two[0])).fallback == "Spare"
    assert (await saved(chat, two[1])).fallback == there


async def test_what_answers_elsewhere_only_changes_for_all_or_not_at_all(
    chat: Tavern, two: tuple[Any, Any], shared: StandIn
) -> None:
    await own(chat, shared, room=two[0], name="Spare")
    for press, fallback in (("Cancel", ""), ("Change all", "Spare")):
        asked = await chat.answer("connect fallback", room=two[0], to="Spare", connection="Home")
        assert labels(asked) == ["Change all", "Cancel"]
        chat.ann.press(asked, press)
        words = "Nothing was changed." if press == "Cancel" else "will answer instead"
        await chat.until(partial(said_last, chat, two[0], words))
        assert (await saved(chat, two[1])).fallback == fallback
        assert (await saved(chat, two[0])).name == "Spare"


@pytest.mark.parametrize("press", ["Only here", "Change all"])
async def test_mancers_log_is_asked_about(
    chat: Tavern, two: tuple[Any, Any], stand: Stand, press: str
) -> None:
    server = await stand("openai-text", MODELS)
    await own(chat, server, room=two[0], backend="mancer", name="Home")
    await chat.run("connect use", room=two[1], backend="Home")
    chat.ann.command(two[0], "connect option", name="mancer-log", value="on")
    await answered(chat, two[0], two[1], press)
    await chat.until(partial(said_last, chat, two[0], "is now **on**"))
    assert (await saved(chat, two[0])).switches == {"logging"}
    assert bool((await saved(chat, two[1])).switches) is (press == "Change all")


@pytest.mark.parametrize("press", ["Only here", "Change all"])
async def test_an_address_on_the_page_is_asked_about(
    chat: Tavern, two: tuple[Any, Any], shared: StandIn, stand: Stand, press: str
) -> None:
    moved = await stand("openai-chat", MODELS)
    page = await opened(chat, room=two[0])
    await page.fill(page.press("Address"), url=moved.url)
    await answered(chat, two[0], two[1], press)
    await page.says(f"Address: <{moved.url}>")
    await talks(chat, moved, two[0], "From the new address.")
    await talks(chat, moved if press == "Change all" else shared, two[1], "As it was meant.")


@pytest.mark.parametrize("press", ["Only here", "Change all"])
async def test_the_doctors_address_is_asked_about(
    chat: Tavern, two: tuple[Any, Any], stand: Stand, press: str
) -> None:
    server = await stand("openai-chat", {"/api/v1/models": {"data": [{"id": "small"}]}})
    url = f"{server.url}/api"
    await own(chat, server, room=two[0], url=url, name="Home")
    await chat.run("connect use", room=two[1], backend="Home")
    told = await chat.answer("connect test", room=two[0])
    chat.ann.press(told, f"Use {url.partition('://')[2]}/v1")
    await answered(chat, two[0], two[1], press)
    await chat.until(lambda: server.replies)
    mended, before = f"{url}/v1", (await saved(chat, two[1])).url
    assert (await saved(chat, two[0])).url == mended
    assert before == (mended if press == "Change all" else url)


async def test_loading_says_who_else_uses_the_server(
    chat: Tavern, two: tuple[Any, Any], stand: Stand
) -> None:
    loading = {"/v1/models": MODELS["/models"], "/v1/model/unload": {}}
    server = await stand("openai-text", loading)
    for room in two:  # each with a connection of its own
        await own(chat, server, room=room, backend="tabby", url=server.url)
    told = await chat.run("connect model unload", room=two[0])
    assert told.splitlines()[-1] == f"This also changes <#{two[1].id}>."


@pytest.mark.parametrize("press", ["Only here", "Change all"])
async def test_another_kind_of_server_is_asked_about(
    chat: Tavern, two: tuple[Any, Any], stand: Stand, press: str
) -> None:
    server = await stand("koboldcpp", KOBOLDCPP)
    await own(chat, server, room=two[0], backend="tabby", name="Home")
    await chat.run("connect use", room=two[1], backend="Home")
    told = await chat.answer("connect test", room=two[0])
    chat.ann.press(told, "Use as KoboldCpp")
    await answered(chat, two[0], two[1], press)
    await chat.until(lambda: server.replies)
    assert (await saved(chat, two[0])).backend == "koboldcpp"
    there = "koboldcpp" if press == "Change all" else "tabby"
    assert (await saved(chat, two[1])).backend == there


async def test_a_shared_vertex_connection_is_asked_about(
    chat: Tavern, two: tuple[Any, Any]
) -> None:
    values = {"project": "p", "region": "europe-west4", "account": "express-1234"}
    given: dict[str, Any] = {"backend": "vertex", "model": "gemini-2.5-flash", "name": "Home"}
    await chat.form("connect use", values, room=two[0], **given)
    await chat.run("connect use", room=two[1], backend="Home")
    before = (await saved(chat, two[1])).url
    again = chat.ann.command(two[0], "connect use", **given)
    await again.modal()
    chat.ann.submit(again, values | {"region": "us-central1"})
    await answered(chat, two[0], two[1], "Only here")
    await chat.until(partial(said_last, chat, two[0], "us-central1"))
    assert "us-central1" in (await saved(chat, two[0])).url
    assert (await saved(chat, two[1])).url == before
