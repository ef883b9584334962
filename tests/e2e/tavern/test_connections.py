"""Connecting a model: a server that speaks like OpenAI, keys, models, and what goes wrong."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from core.kind import Kind
from tests.conformance.families import OPENAI_CHAT, OPENAI_TEXT
from tests.conformance.standin import Act, StandIn, serve
from tests.e2e.tavern.tavern import Tavern, labels, told

GREETING = "*Mira looks up.* Well met, Ann."
ANSWERS = {"/models": {"object": "list", "data": [{"id": "small"}, {"id": "large"}]}}
KEY = "sk-test-0123456789abcdef"


@pytest.fixture
async def server() -> AsyncIterator[StandIn]:
    """A model's server on this machine."""
    async with serve(OPENAI_CHAT, ANSWERS) as running:
        yield running


@pytest.fixture
async def connected(chat: Tavern, server: StandIn) -> Tavern:
    """The chat is answered by the server."""
    text = await use(chat, server)
    assert "will answer here from now on" in text
    return chat


async def use(chat: Tavern, server: StandIn, **more: str) -> str:
    given: dict[str, Any] = {
        "backend": "openai-compatible",
        "url": server.url,
        "model": "small",
        **more,
    }
    return await chat.run("connect use", **given)


async def failed(chat: Tavern) -> str:
    """The sentence of the newest failed reply."""

    def told() -> str | None:
        shown = chat.said()[-1]
        return shown["content"] if shown["content"].startswith("⚠ ") else None

    text: str = await chat.until(told)
    assert "\n" not in text
    assert len(text) <= 410
    return text


async def test_a_server_answers_in_character(connected: Tavern, server: StandIn) -> None:
    server.acts = [Act(pieces=("The ale", " is", " on the house."))]
    connected.ann.send(connected.room, "Hello!")
    message = await connected.reply("The ale is on the house.")
    assert message["author"]["username"] == "Mira"
    (heard,) = server.replies
    assert heard.body["model"] == "small"
    assert heard.body["stream"] is True
    told = "\n".join(str(message["content"]) for message in heard.body["messages"])
    assert "keeps the Silver Tankard" in told
    assert "Hello!" in told


async def test_text_completion(chat: Tavern) -> None:
    async with serve(OPENAI_TEXT, ANSWERS) as server:
        text = await use(chat, server, kind="text")
        assert "text completion" in text
        server.acts = [Act(pieces=(" Hm", ".", "\nAnn: and then"))]
        chat.ann.send(chat.room, "Hello!")
        await chat.reply("Hm.")
        (heard,) = server.replies
        assert heard.body["prompt"].rstrip().endswith("Mira:")
        assert "\nAnn:" in heard.body["stop"]


async def test_stop_closes_the_request(connected: Tavern, server: StandIn) -> None:
    server.acts = [Act(stall_after=4)]
    connected.ann.send(connected.room, "Hello!")
    await connected.until(lambda: "Stop" in labels(connected.said()[-1]))
    connected.ann.press(connected.said()[-1], "Stop")
    await asyncio.wait_for(server.gone.wait(), 5)
    await connected.until(lambda: "Continue" in labels(connected.said()[-1]))


async def test_show_and_off(connected: Tavern, server: StandIn) -> None:
    text = await connected.run("connect show")
    assert server.url in text
    assert "small" in text
    text = await connected.run("connect off")
    assert text == "**rehearsal** now answers here."
    assert "rehearsal" in (await connected.run("connect show")).lower()


async def test_test_times_a_few_words(connected: Tavern, server: StandIn) -> None:
    server.acts = [Act(pieces=("Hello", " there."))]
    text = await connected.run("connect test", say="Greet me.")
    assert "Hello there." in text
    assert server.replies[0].body["messages"][-1]["content"] == "Greet me."
    assert await connected.lines() == [("Mira", GREETING)]


async def test_models_are_listed_suggested_and_chosen(connected: Tavern, server: StandIn) -> None:
    listed = await connected.answer("connect model list")
    assert "`large`" in listed["embeds"][0]["description"]
    choices = await connected.ann.autocomplete(
        connected.room, "connect model use", "model", model="la"
    )
    assert [choice["value"] for choice in choices] == ["large"]
    text = await connected.run("connect model use", model="large")
    assert text.startswith("**large** will answer here from now on.")
    connected.ann.send(connected.room, "Hello!")
    await connected.until(lambda: server.replies)
    assert server.replies[0].body["model"] == "large"


async def test_saved_connections_are_suggested_before_the_catalog(chat: Tavern) -> None:
    await chat.run("connect use", backend="rehearsal", name="my bench")
    first, *others = await chat.ann.autocomplete(chat.room, "connect use", "backend", backend="")
    assert first["value"] == "my bench"
    assert "anthropic" in [choice["value"] for choice in others]


async def test_after_a_key_the_next_step_is_told(chat: Tavern) -> None:
    async with serve(OPENAI_CHAT, ANSWERS) as server:
        await chat.run("connect use", backend="openai-compatible", url=server.url)
        opened = chat.ann.command(chat.room, "connect key")
        await opened.modal()
        answer = await told(chat.ann.submit(opened, {"key": KEY}))
        assert labels(answer) == ["Choose a model"]


async def test_a_key_goes_to_its_server_and_nowhere_else(
    connected: Tavern, server: StandIn
) -> None:
    text = await connected.form("connect key", {"key": KEY})
    assert text.startswith("Saved the key for **openai-compatible**")
    assert KEY not in text
    connected.ann.send(connected.room, "Hello!")
    await connected.until(lambda: server.replies)
    assert server.replies[0].headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in await connected.run("connect show")
    async with serve(OPENAI_CHAT, ANSWERS) as other:
        text = await use(connected, other)
        assert "the old key was removed" in text
        await connected.until(connected.is_idle)
        connected.ann.send(connected.room, "And you?")
        await connected.until(lambda: other.replies)
        assert all("authorization" not in heard.headers for heard in other.heard)
    sent = [line for line in connected.playground.log.lines if KEY in str(line)]
    assert sent == []
    files = connected.settings.data_dir.iterdir()
    assert all(KEY.encode() not in file.read_bytes() for file in files if file.is_file())


async def test_a_key_outlives_a_restart(connected: Tavern, server: StandIn) -> None:
    await connected.form("connect key", {"key": KEY})
    await connected.restart()
    connected.ann.send(connected.room, "Hello!")
    await connected.until(lambda: server.replies)
    assert server.replies[0].headers["authorization"] == f"Bearer {KEY}"


async def test_saved_connections_are_used_by_name(connected: Tavern, server: StandIn) -> None:
    await use(connected, server, model="large", name="big one")
    await connected.run("connect use", backend="openai-compatible")
    assert "small" in await connected.run("connect show")
    text = await connected.run("connect use", backend="big one")
    assert text.startswith("**big one** will answer here from now on.")
    assert "large" in text


async def test_a_guest_may_not_connect(chat: Tavern, server: StandIn) -> None:
    text = await chat.run(
        "connect use", by=chat.ben, backend="openai-compatible", url=server.url, model="small"
    )
    assert text == "Only people who manage this server may do that here."
    assert server.heard == []


async def test_in_a_direct_message_everyone_connects_for_themselves(
    tavern: Tavern, server: StandIn
) -> None:
    room = tavern.ben.direct()
    text = await tavern.run(
        "connect use",
        by=tavern.ben,
        room=room,
        backend="openai-compatible",
        url=server.url,
        model="small",
    )
    assert "will answer here from now on" in text
    connections = tavern.engine.services.connections
    assert [one.name for one in await connections.list(tavern.place())] == ["rehearsal"]


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://", "can't be used"),
        ("ftp://example.org", "can't be used"),
        ("http://user:secret@127.0.0.1:5001", "can't be used"),
        ("not an address at all", "can't be used"),
        ("http://127.0.0.1:99999", "can't be used"),
    ],
)
async def test_a_wrong_address_is_refused_in_one_line(chat: Tavern, url: str, told: str) -> None:
    text = await chat.run("connect use", backend="openai-compatible", url=url, model="m")
    assert told in text
    assert "\n" not in text
    assert "secret" not in text
    assert "rehearsal" in (await chat.run("connect show")).lower()


async def test_an_unknown_backend_names_the_nearest(chat: Tavern) -> None:
    text = await chat.run("connect use", backend="kobolcpp")
    assert text == "There is no backend called “kobolcpp”. Did you mean `koboldcpp`?"


async def test_a_dead_server_is_told_and_the_channel_stays_usable(
    chat: Tavern, server: StandIn, unused_tcp_port: int
) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}"
    text = await chat.run("connect use", backend="openai-compatible", url=url, model="m")
    assert "⚠" in text
    chat.ann.send(chat.room, "Hello?")
    assert "can't be reached" in await failed(chat)
    assert "Try again" in labels(chat.said()[-1])
    await use(chat, server)
    server.acts = [Act(pieces=("Here.",))]
    chat.ann.press(chat.said()[-1], "Try again")
    await chat.settled(GREETING, "Here.")
    assert [text for _, text in await chat.lines()] == [GREETING, "Hello?", "Here."]


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (Act(status=401, message="bad key"), "needs a valid key"),
        (Act(status=404, message="no such model"), "doesn't know the model"),
        (Act(status=400, message="temperature is too hot"), "refused the request"),
        (Act(body=b"<html>hello</html>", content_type="text/html"), "isn't a reply"),
        (Act(pieces=()), "The model answered nothing."),
    ],
)
async def test_a_servers_refusal_is_one_sentence(
    connected: Tavern, server: StandIn, act: Act, told: str
) -> None:
    server.acts = [act]
    connected.ann.send(connected.room, "Hello!")
    assert told in await failed(connected)
    server.acts = [Act(pieces=("Better.",))]
    connected.ann.press(connected.said()[-1], "Try again")
    await connected.settled(GREETING, "Better.")


async def test_a_passing_fault_is_tried_again(connected: Tavern, server: StandIn) -> None:
    server.acts = [Act(status=503, headers={"Retry-After": "0"}), Act(pieces=("At last.",))]
    connected.ann.send(connected.room, "Hello!")
    await connected.settled(GREETING, "At last.")


async def test_a_stream_that_breaks_off_keeps_its_words(connected: Tavern, server: StandIn) -> None:
    server.acts = [Act(pieces=("Take", " the north", " road"), break_after=3)]
    connected.ann.send(connected.room, "Where to?")
    await connected.until(
        lambda: len(connected.said()) == 2 and "Continue" in labels(connected.said()[-1])
    )
    words, _, note = connected.texts()[-1].partition("\n-# ✂ ")
    assert "Take the north".startswith(words)
    assert "broke off" in note
    assert (await connected.lines())[-1] == ("Mira", words)


async def test_the_kind_can_be_changed(connected: Tavern) -> None:
    connection = await connected.engine.models.connection(connected.place())
    assert connection is not None
    assert connected.engine.models.pool.kind(connection) is Kind.CHAT
    text = await connected.run("connect use", backend="openai-compatible", kind="text")
    assert "text completion" in text


async def test_what_cannot_answer_is_not_said_to_answer(chat: Tavern) -> None:
    cases: tuple[tuple[dict[str, Any], str], ...] = (
        ({"backend": "koboldcpp", "url": "http://127.0.0.1:9"}, "⚠ KoboldCpp can't be reached"),
        ({"backend": "openai-compatible"}, "⚠ The address is missing"),
        ({"backend": "openai"}, "⚠ The key is missing"),
    )
    for options, missing in cases:
        said = await chat.run("connect use", **options)
        assert said.startswith(
            f"**{options['backend']}** is set for this channel, but can't answer yet."
        )
        assert any(line.startswith(missing) for line in said.splitlines())
        assert "will answer here" not in said
    # The first one is the whole server's.
    assert await chat.run("connect off") == "**koboldcpp** now answers here."
    assert await chat.run("connect off") == "**rehearsal** now answers here."
    said = await chat.run("connect off")
    assert said == "This channel didn't have its own model, so **rehearsal** keeps answering."
