"""What is shown is what is sent, to the byte: `/chat prompt`, the terminal and the wire."""

import logging
from typing import Any

import pytest

from core.options.table import NOTE_TEXT, REPLY_START, SAMPLERS
from tests.conformance.standin import Act, StandIn
from tests.e2e.connect.conftest import KOBOLDCPP, Stand
from tests.e2e.tavern.cards import picture
from tests.e2e.tavern.tavern import Tavern

MODELS = {"/v1/models": {"data": [{"id": "m"}]}}
WAYS: list[tuple[str, str, dict[str, str], dict[str, Any]]] = [
    ("openai", "openai-chat", {"model": "gpt-4o"}, MODELS),
    ("mistral", "openai-chat", {"model": "mistral-large-latest"}, MODELS),
    ("pollinations", "openai-chat", {"model": "openai"}, MODELS),
    ("anthropic", "anthropic", {"model": "claude-sonnet-4-5"}, MODELS),
    ("gemini", "gemini", {"model": "gemini-2.5-flash"}, {}),
    ("cohere", "cohere", {"model": "command-a"}, {}),
    ("ollama", "ollama", {"model": "m"}, {}),
    ("ollama", "ollama", {"model": "m", "kind": "text"}, {}),
    ("koboldcpp", "koboldcpp", {}, KOBOLDCPP),
    ("koboldcpp", "openai-chat", {"kind": "chat"}, KOBOLDCPP),
    ("llamacpp", "llamacpp", {}, {"/props": {"total_slots": 2}}),
    ("novelai", "novelai", {"model": "kayra-v1"}, {}),
    ("koboldai", "koboldai", {}, {"/api/v1/model": {"result": "old"}}),
    ("openai-compatible", "openai-text", {"model": "m", "kind": "text"}, MODELS),
]
KEY = "sk-not-for-anyone-0123456789"


async def connected(chat: Tavern, stand: Stand, way: Any) -> StandIn:
    backend, protocol, options, answers = way
    server = await stand(protocol, answers)
    values: dict[str, Any] = {"backend": backend, "url": server.url, **options}
    await chat.run("connect use", **values)
    if chat.engine.models.pool.catalog.get(backend).key.need != "none":
        await chat.form("connect key", {"key": KEY})
    return server


async def shown(chat: Tavern, text: str) -> str:
    """The body that `/chat prompt` shows for a line not yet said."""
    message = await chat.answer("chat prompt", text=text)
    files = {file["filename"]: file for file in message["attachments"]}
    return chat.file(files["request.json"]).decode()


async def heard(chat: Tavern, server: StandIn, replies: int) -> None:
    """Waits for the end of the given number of replies."""
    await chat.until(lambda: len(server.replies) == replies and chat.is_idle(), 20)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way[0]}-{way[2].get('kind', '')}")
async def test_shown_printed_and_sent_are_one(
    chat: Tavern, stand: Stand, caplog: pytest.LogCaptureFixture, way: Any
) -> None:
    chat.engine.models.pool.http.prints = True
    await chat.set_everywhere(REPLY_START, "*She nods.* {{random::So::Then::Now}}")
    await chat.set_everywhere(SAMPLERS, {"temperature": 0.7, "top_p": 0.9})
    server = await connected(chat, stand, way)
    for number, said in enumerate(("Hello, old friend.", "Once more?"), 1):
        expected = await shown(chat, said)
        server.acts.append(Act(pieces=[" a quiet word."]))
        with caplog.at_level(logging.INFO, "tavern.prompts"):
            chat.ann.send(chat.room, said)
            await heard(chat, server, number)
        printed = [one.getMessage() for one in caplog.records if one.name == "tavern.prompts"]
        assert server.replies[-1].raw == expected
        assert printed[-1].partition("\n")[2] == expected
        assert KEY not in expected
        assert said in expected
        assert chat.texts()[-1].count("*She nods.*") == 1


async def test_pictures_are_shown_by_type_and_size(chat: Tavern, stand: Stand) -> None:
    png = picture()
    for way in WAYS[0], WAYS[3], WAYS[4]:
        server = await connected(chat, stand, way)
        server.acts.append(Act(pieces=[f"A door for {way[0]}."]))
        chat.ann.send(chat.room, "What is this?", files=[("door.png", png)])
        await chat.reply(f"A door for {way[0]}.")
        text = await shown(chat, "And now?")
        assert f"(picture: image/png, {len(png):,} bytes)" in text
        assert "iVBOR" not in text


async def test_the_start_of_a_reply_stands_in_it_once(chat: Tavern, stand: Stand) -> None:
    """Where the model cannot go on with it, repeats it, or is given it as its own last words."""
    await chat.set_everywhere(REPLY_START, "*Mira nods.* I")
    server = await connected(chat, stand, WAYS[0])
    for number, (come, said) in enumerate(
        [
            (" know %d.", "*Mira nods.* I know %d."),
            ("*Mira nods.* I know %d.", "*Mira nods.* I know %d."),
        ]
    ):
        server.acts.append(Act(pieces=[come % number]))
        chat.ann.send(chat.room, f"Number {number}?")
        await chat.reply(said % number)
        last = server.replies[-1].body["messages"][-1]
        assert last["role"] == "system"
        assert "*Mira nods.* I" in last["content"]


async def test_a_refused_prefill_costs_one_request(chat: Tavern, stand: Stand) -> None:
    await chat.set_everywhere(REPLY_START, "*Mira nods.*")
    server = await connected(chat, stand, WAYS[3])
    said = "This model does not support assistant message prefill."
    server.acts += [Act(status=400, message=said), Act(pieces=[" Aye."])]
    chat.ann.send(chat.room, "Ready?")
    await chat.until(lambda: "told in words" in chat.texts()[-1])
    assert chat.texts()[-1].startswith("*Mira nods.* Aye.")
    assert [one.body["messages"][-1]["role"] for one in server.replies] == ["assistant", "user"]
    expected = await shown(chat, "And now?")
    server.acts.append(Act(pieces=[" Now too."]))
    chat.ann.send(chat.room, "And now?")
    await chat.reply("*Mira nods.* Now too.")
    assert len(server.replies) == 3
    assert server.replies[-1].raw == expected


async def test_the_report_says_in_words_what_is_sent(chat: Tavern, stand: Stand) -> None:
    await chat.set_everywhere(NOTE_TEXT, "Keep it dark.")
    await chat.set_everywhere(SAMPLERS, {"temperature": 1.8, "tfs": 0.9})
    await chat.set_everywhere(REPLY_START, "*Mira nods.*")
    await connected(chat, stand, WAYS[5])
    message = await chat.answer("chat prompt", text="Hello?")
    (embed,) = message["embeds"]
    told = embed["description"] + "\n".join(field["value"] for field in embed["fields"])
    for words in (
        "**Note** (author's note) · system",
        "**Card** (description) · system",
        "**History** (Ann) · user",
        "**Start of the reply**",
        "To Cohere, model command-a",
        "Messages: ",
        "`temperature` 1",
        "1 is sent instead of 1.8",
        "`tfs`",
        "told in words where to go on",
    ):
        assert words in told, words
    assert "2_floating_prompt" not in told


async def test_the_reply_s_length_is_the_one_that_is_sent(chat: Tavern, stand: Stand) -> None:
    server = await connected(chat, stand, WAYS[11])
    message = await chat.answer("chat prompt")
    fields = {field["name"]: field["value"] for field in message["embeds"][0]["fields"]}
    assert "reply 150" in fields["Budget"]
    assert "at most 150 tokens (less than the 350 asked for)" in fields["Sent with it"]
    server.acts.append(Act(pieces=[" Aye."]))
    chat.ann.send(chat.room, "Ready?")
    await chat.reply("Aye.")
    assert server.replies[-1].body["parameters"]["max_length"] == 150


async def test_a_message_is_continued_once_by_a_model_that_repeats_it(
    chat: Tavern, stand: Stand
) -> None:
    server = await connected(chat, stand, WAYS[0])
    server.acts.append(Act(pieces=["Once upon a time"]))
    chat.ann.send(chat.room, "Tell me a tale.")
    await chat.reply("Once upon a time")
    for number, come in enumerate(["Once upon a time there was 0.", " It left 1."]):
        server.acts.append(Act(pieces=[come]))
        await chat.done(chat.ann.command(chat.room, "chat continue"))
        await heard(chat, server, number + 2)
    await chat.until(lambda: chat.texts()[-1] == "Once upon a time there was 0. It left 1.")
