"""Bursts, floods, long texts and empty ones."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.channel.channel import Channel
from core.backends.rehearsal.rehearsal import ScriptedReply
from core.chat.place import Actor
from core.engine.scene import Scene
from core.options.table import CHAT_BURST_SECONDS, REPLY_LENGTH
from core.settings import LimitSettings
from tests.e2e.tavern.conftest import bring_mira
from tests.e2e.tavern.tavern import Tavern, labels, opened

GREETING = "*Mira looks up.* Well met, Ann."


async def test_a_burst_of_messages_gets_one_reply(chat: Tavern) -> None:
    await chat.set_everywhere(CHAT_BURST_SECONDS, 0.4)
    chat.will_say("One at a time!", "Too much.")
    for number in range(5):
        chat.ann.send(chat.room, f"thing {number}")
        chat.ben.send(chat.room, f"matter {number}")
    await chat.settled(GREETING, "One at a time!")
    await chat.until(chat.is_idle)
    assert len(chat.script.requests) == 1
    for number in range(5):
        assert f"Ann: thing {number}" in chat.prompt
        assert f"Ben: matter {number}" in chat.prompt


async def test_what_comes_before_the_prompt_is_built_is_answered_with_it(
    chat: Tavern, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared, go_on, enter = asyncio.Event(), asyncio.Event(), Channel._enter

    async def slowly(channel: Channel, actor: Actor, scene: Scene | None = None) -> Scene:
        prepared.set()
        await go_on.wait()
        return await enter(channel, actor, scene)

    monkeypatch.setattr(Channel, "_enter", slowly)
    chat.will_say("Both at once.", "Too much.")
    chat.ann.send(chat.room, "Hello!")
    await prepared.wait()
    chat.ben.send(chat.room, "And hello from me.")
    await chat.heard("And hello from me.")
    go_on.set()
    await chat.settled(GREETING, "Both at once.")
    await chat.until(chat.is_idle)
    assert "And hello from me." in chat.prompt
    assert len(chat.script.requests) == 1


async def test_messages_during_a_reply_get_one_more(chat: Tavern) -> None:
    hold = asyncio.Event()
    chat.script.replies.append(ScriptedReply("First.", hold=hold))
    chat.will_say("Second.", "Third.")
    chat.ann.send(chat.room, "Hello!")
    await chat.until(lambda: chat.script.requests)
    for number in range(4):
        chat.ann.send(chat.room, f"and {number}")
    await chat.heard("and 3")
    hold.set()
    await chat.settled(GREETING, "First.", "Second.")
    await chat.until(chat.is_idle)
    assert len(chat.script.requests) == 2
    assert "and 3" in chat.prompt


@pytest.fixture
async def busy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[Tavern]:
    """Three turns a person."""
    limits = LimitSettings(turns_per_person=3)
    async with opened(monkeypatch, tmp_path, limits=limits) as tavern:
        await bring_mira(tavern)
        await tavern.run("chat start", character="Mira")
        yield tavern


async def test_a_flood_gets_one_notice(busy: Tavern) -> None:
    for number in range(3):
        busy.will_say(f"Reply {number}.")
        busy.ben.send(busy.room, f"{number}")
        await busy.reply(f"Reply {number}.")
    for _ in range(3):
        busy.ben.send(busy.room, "More!")
        await busy.until(busy.is_idle)
    await busy.until(lambda: "Try again in 10 minutes." in busy.texts()[-1])
    assert sum("Try again in" in text for text in busy.texts()) == 1
    assert len(busy.script.requests) == 3
    busy.will_say("You may.")
    busy.ann.send(busy.room, "The owner is not limited.")
    await busy.reply("You may.")
    assert "Ben: More!" in busy.prompt


async def test_a_swipe_counts_as_a_turn(busy: Tavern) -> None:
    busy.will_say("One.")
    busy.ben.send(busy.room, "Hello!")
    message = await busy.reply("One.")
    for text in ("Two.", "Three."):
        busy.will_say(text)
        busy.ben.press(message, "Regenerate")
        message = await busy.reply(text)
    busy.will_say("Four.")
    busy.ben.press(message, "Regenerate")
    await busy.until(lambda: any("Try again" in one["content"] for one in busy.ben.sees(busy.room)))
    await busy.reply("Three.")


async def test_a_long_reply_is_split(chat: Tavern) -> None:
    await chat.set_everywhere(REPLY_LENGTH, 4000)
    text = "\n\n".join(f"Chapter {n}. " + "All was quiet on the river. " * 30 for n in range(8))
    chat.will_say(text)
    chat.ann.send(chat.room, "Tell me everything!")
    await chat.until(
        lambda: len(chat.said()) > 3 and "Regenerate" in labels(chat.said()[-1]) and chat.is_idle()
    )
    parts = chat.texts()[1:]
    assert all(len(part.encode("utf-16-le")) <= 4000 for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert [labels(one) for one in chat.said()[1:-1]] == [[]] * (len(parts) - 1)
    chat.will_say("Short.")
    chat.ann.press(chat.said()[-1], "Regenerate")
    await chat.settled(GREETING, "Short.")


async def test_a_text_file_of_100_000_characters(chat: Tavern) -> None:
    text = "It was a dark and stormy night. " * 3200
    chat.will_say("Quite a read.")
    chat.ann.send(chat.room, "Read this!", files=[("story.txt", text.encode())])
    note = "-# ✂ Only the beginning of “story.txt” was read."
    await chat.reply(f"Quite a read.\n{note}")
    assert "Read this!" in chat.prompt
    assert "It was a dark and stormy night." in chat.prompt
    assert len(chat.prompt) < 60_000
    (asked,) = [turn for turn in await chat.history() if turn.name == "Ann"]
    (file,) = asked.attachments
    assert file.name == "story.txt"
    assert file.text is not None
    assert len(file.text) <= chat.settings.limits.attachment_characters


async def test_a_message_without_words(chat: Tavern) -> None:
    chat.will_say("What is this?", "I see.")
    chat.ann.send(chat.room, "", files=[("picture.bin", b"\x00\x01\x02")])
    await chat.reply("What is this?")
    assert "picture.bin" in chat.prompt
    chat.ann.send(chat.room, "Well?")
    await chat.reply("I see.")


@pytest.mark.parametrize("text", ["   ", "\u200b", "||  ||", "*"])
async def test_next_to_nothing_does_no_harm(chat: Tavern, text: str) -> None:
    if text.strip():
        chat.ann.send(chat.room, text)
    chat.will_say("Yes?", "Yes?")
    chat.ann.send(chat.room, "Hello!")
    await chat.until(lambda: chat.texts()[-1] == "Yes?" and chat.is_idle())
    assert "Hello!" in chat.prompt


async def test_a_reply_of_blanks_is_no_reply(chat: Tavern) -> None:
    chat.will_say(" \n \n ")
    chat.ann.send(chat.room, "Hello!")
    await chat.until(lambda: chat.texts()[-1].startswith("⚠ "))
    assert "Try again" in labels(chat.said()[-1])
    assert await chat.lines() == [("Mira", GREETING), ("Ann", "Hello!")]


async def test_a_message_of_2000_characters_in_every_script(chat: Tavern) -> None:
    text = ("Ünïcödé 灯り 🏮👩‍👩‍👧 مرحبا " * 100)[:2000]
    text = text.encode("utf-16-le", "ignore")[:4000].decode("utf-16-le", "ignore")
    chat.will_say(text)
    chat.ann.send(chat.room, text)
    await chat.until(lambda: chat.is_idle() and len(chat.said()) > 1)
    await chat.until(lambda: "Regenerate" in labels(chat.said()[-1]))
    stored = await chat.lines()
    assert stored[1] == ("Ann", text.strip())
    assert "".join("".join(chat.texts()[1:]).split()) == "".join(stored[2][1].split())


async def test_nothing_pings_whatever_the_model_writes(chat: Tavern) -> None:
    text = f"@everyone @here <@{chat.ben.id}> <@&{next(iter(chat.playground.state.guilds))}>"
    chat.will_say(text)
    chat.ann.send(chat.room, "Call everyone!")
    message = await chat.until(
        lambda: (
            chat.said()[-1]
            if "Regenerate" in labels(chat.said()[-1]) and len(chat.said()) > 1
            else None
        )
    )
    assert message["mentions"] == []
    assert message["mention_roles"] == []
    assert message["mention_everyone"] is False
