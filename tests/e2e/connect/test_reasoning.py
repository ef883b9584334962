"""Thinking is kept out of channel and prompt, and shown to those who ask."""

import json
from typing import Any

from tests.conformance.standin import Act, StandIn
from tests.e2e.connect.conftest import KOBOLDCPP, Stand
from tests.e2e.tavern.tavern import Tavern


def thinking(thought: str, text: str, field: str = "reasoning_content") -> Act:
    """A stream that thinks first."""
    deltas: list[dict[str, Any]] = [{field: thought}, {"content": text}]
    chunks: list[dict[str, Any]] = [
        {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas
    ]
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks]
    body = "".join([*lines, "data: [DONE]\n\n"]).encode()
    return Act(body=body, content_type="text/event-stream")


async def _deepseek(chat: Tavern, stand: Stand, model: str = "deepseek-reasoner") -> StandIn:
    server = await stand("openai-chat", {"/models": {"data": [{"id": model}]}})
    await chat.run("connect use", backend="deepseek", url=server.url, model=model)
    await chat.form("connect key", {"key": "sk-123456789"})
    return server


async def test_thinking_stays_out_of_channel_and_prompt(chat: Tavern, stand: Stand) -> None:
    server = await _deepseek(chat, stand)
    server.acts.append(thinking("She wants ale.", "Ale it is."))
    chat.ann.send(chat.room, "Hello!")
    message = await chat.reply("Ale it is.")
    server.acts.append(thinking("More.", "Another?"))
    chat.ann.send(chat.room, "Cheers!")
    await chat.reply("Another?")
    assert "She wants ale." not in json.dumps(server.replies[-1].body)
    told = await (chat.ann.context("Show thinking", message)).response()
    assert told["content"] == "||She wants ale.||"
    assert await chat.run("connect reasoning show") == "||More.||"


async def test_thinking_under_the_reply_where_it_is_wished(chat: Tavern, stand: Stand) -> None:
    server = await _deepseek(chat, stand)
    await chat.run("connect reasoning display", under_replies=True)
    server.acts.append(thinking("She wants\nale || now.", "Ale it is."))
    chat.ann.send(chat.room, "Hello!")
    await chat.reply("Ale it is.\n-# 💭 ||She wants ale now.||")


async def test_long_thinking_comes_as_a_file(chat: Tavern, stand: Stand) -> None:
    server = await _deepseek(chat, stand)
    server.acts.append(thinking("Hm. " * 600, "Ale it is."))
    chat.ann.send(chat.room, "Hello!")
    await chat.reply("Ale it is.")
    told = await chat.answer("connect reasoning show")
    (file,) = told["attachments"]
    assert file["filename"] == "SPOILER_thinking.txt"
    assert chat.file(file).decode().count("Hm.") == 600


async def test_a_message_without_thinking(chat: Tavern) -> None:
    greeting = chat.said()[-1]
    told = await (chat.ann.context("Show thinking", greeting)).response()
    assert "There's no thinking saved" in told["content"]
    asked = chat.ann.send(chat.playground.channel("campfire"), "Hi.")
    told = await (chat.ann.context("Show thinking", asked)).response()
    assert told["content"] == "There is no message here for that."


async def test_effort_is_sent_where_the_vendor_takes_it(chat: Tavern, stand: Stand) -> None:
    server = await stand("openai-chat", {"/v1/models": {"data": [{"id": "gpt-5"}]}})
    await chat.run("connect use", backend="openai", url=server.url, model="gpt-5")
    await chat.form("connect key", {"key": "sk-123456789"})
    assert "**low**" in await chat.run("connect reasoning effort", level="low")
    server.acts.append(Act(pieces=["One."]))
    chat.ann.send(chat.room, "Hello!")
    await chat.reply("One.")
    assert server.replies[-1].body["reasoning_effort"] == "low"
    await chat.run("connect reasoning effort", level="default")
    server.acts.append(Act(pieces=["Two."]))
    chat.ann.send(chat.room, "And?")
    await chat.reply("Two.")
    assert "reasoning_effort" not in server.replies[-1].body
    await chat.run("connect use", backend="koboldcpp", url=server.url)
    told = await chat.run("connect reasoning effort", level="high")
    assert "doesn't have this setting" in told


async def test_marks_of_thinking_in_plain_text(chat: Tavern, stand: Stand) -> None:
    server = await stand("koboldcpp", KOBOLDCPP)
    await chat.run("connect use", backend="koboldcpp", url=server.url)
    server.acts.append(Act(pieces=["[THI", "NK]Quiet.[/TH", "INK] Loud."]))
    chat.ann.send(chat.room, "Hello!")
    await chat.reply("Loud.")
    assert await chat.run("connect reasoning show") == "||Quiet.||"
    assert "**Seed**" in await chat.run("connect reasoning marks", name="Seed")
    server.acts.append(Act(pieces=["<seed:think>So.</seed:think>Out."]))
    chat.ann.send(chat.room, "Again!")
    await chat.reply("Out.")
    await chat.run("connect reasoning marks", name="Blank")
    server.acts.append(Act(pieces=["[THINK]All of it."]))
    chat.ann.send(chat.room, "Now?")
    await chat.reply("[THINK]All of it.")


async def test_a_prompt_that_opens_the_thinking_itself(chat: Tavern, stand: Stand) -> None:
    from core.chat.place import Actor
    from core.options.table import REPLY_START

    server = await stand("koboldcpp", KOBOLDCPP)
    await chat.run("connect use", backend="koboldcpp", url=server.url)
    ann = Actor(int(chat.ann.id), "Ann", manager=True)
    await chat.engine.services.options.set(ann, chat.place(), REPLY_START, "<think>\n")
    server.acts.append(Act(pieces=["Hidden", " words.</think>\n", "Shown."]))
    chat.ann.send(chat.room, "Hello!")
    await chat.reply("Shown.")
    assert server.replies[-1].body["prompt"].rstrip().endswith("<think>")
