"""Discord refuses words: the person is told, the text is kept, the story holds what is visible."""

import json
from typing import Any

import pytest

from bot.playground.world.models import Channel
from core.chat.message import State
from tests.e2e.tavern.conftest import bring_mira
from tests.e2e.tavern.tavern import Tavern, labels
from tests.shared import shared_path

GREETING = "*Mira looks up.* Well met, Ann."
POST, EDIT = r"^POST /(webhooks/\d+/|channels/\d+/messages)", r"^PATCH /webhooks/\d+/"
WORDS = " ".join(f"word{number}" for number in range(60))
AUTOMOD: dict[str, Any] = {"status": 400, "code": 200000}


def texts_for_ann(chat: Tavern) -> list[str]:
    return [message["content"] for message in chat.ann.sees(chat.room)]


async def begun(chat: Tavern, text: str = WORDS) -> None:
    """A reply grows slowly, and its first words are seen."""
    chat.script.speed = 40.0
    chat.will_say(text)
    chat.ann.send(chat.room, "Tell me.")
    await chat.until(lambda: len(chat.said()) == 2 and chat.texts()[-1].startswith("word"))
    await chat.until(lambda: not labels(chat.said()[0]))


async def told(chat: Tavern, sentence: str) -> dict[str, Any]:
    await chat.until(
        lambda: [one for one in chat.said() if one["content"].startswith("⚠ " + sentence)]
    )
    await chat.until(chat.is_idle)
    return chat.said()[-1]


async def kept_text(chat: Tavern, notice: dict[str, Any]) -> str:
    """What `Show me` hands out, to whoever presses alone."""
    answer = await chat.ann.press(notice, "Show me").response()
    assert answer["flags"] & 64
    return chat.file(answer["attachments"][0]).decode()


async def test_a_reply_blocked_before_its_first_word_is_not_in_the_story(chat: Tavern) -> None:
    chat.playground.fault(POST, "error", **AUTOMOD)
    chat.will_say("Forbidden words.")
    chat.ann.send(chat.room, "Say it.")
    notice = await told(chat, "Discord's AutoMod blocked Mira's reply. The text is kept.")
    assert await chat.lines() == [("Mira", GREETING), ("Ann", "Say it.")]
    assert await kept_text(chat, notice) == "Forbidden words."
    chat.will_say("Plain words.")
    chat.ann.send(chat.room, "Again?")
    await chat.reply("Plain words.")
    assert "Forbidden" not in chat.prompt


async def test_a_reply_blocked_while_it_grows_holds_what_is_visible(chat: Tavern) -> None:
    await begun(chat)
    chat.playground.fault(EDIT, "error", **AUTOMOD)
    notice = await told(chat, "Discord's AutoMod blocked Mira's reply. The text is kept.")
    shown = chat.said()[1]
    assert labels(shown) == ["◀", "1/1", "▶", "Regenerate", "Continue"]
    reply = (await chat.history())[-1]
    assert (reply.text.rstrip(), reply.state) == (shown["content"], State.CUT)
    assert await kept_text(chat, notice) == WORDS


async def test_another_version_that_is_blocked_leaves_the_one_before(chat: Tavern) -> None:
    chat.will_say("First.")
    chat.ann.send(chat.room, "Hello!")
    message = await chat.reply("First.")
    chat.playground.fault(EDIT, "error", skip=0, **AUTOMOD)
    chat.will_say("Forbidden.")
    chat.ann.press(message, "Regenerate")
    await told(chat, "Discord's AutoMod blocked Mira's reply.")
    assert chat.said()[1]["content"] == "First."
    assert labels(chat.said()[1]) == ["◀", "1/1", "▶", "Regenerate", "Continue"]
    assert (await chat.lines())[-1] == ("Mira", "First.")


async def test_a_continuation_that_is_blocked_leaves_the_words_before(chat: Tavern) -> None:
    chat.will_say("First.")
    chat.ann.send(chat.room, "Hello!")
    message = await chat.reply("First.")
    chat.playground.fault(EDIT, "error", **AUTOMOD)
    chat.will_say(" Forbidden.")
    chat.ann.press(message, "Continue")
    await told(chat, "Discord's AutoMod blocked Mira's reply.")
    assert (await chat.lines())[-1] == ("Mira", "First.")


async def test_a_version_that_may_no_longer_be_shown_is_not_chosen(chat: Tavern) -> None:
    (greeting,) = chat.said()
    chat.playground.fault(EDIT, "error", **AUTOMOD)
    chat.ann.press(greeting, "▶")
    await chat.until(lambda: "This server's AutoMod blocked the message." in texts_for_ann(chat))
    await chat.until(lambda: labels(chat.said()[0])[1] == "1/3")
    assert (await chat.history())[0].active == 0


async def test_a_greeting_that_is_blocked_is_not_in_the_story(tavern: Tavern) -> None:
    await bring_mira(tavern)
    tavern.playground.fault(POST, "error", **AUTOMOD)
    answer = await tavern.run("chat start", character="Mira")
    assert "AutoMod blocked Mira's reply." in answer
    assert await tavern.lines() == []


async def test_words_for_a_person_that_are_blocked_come_back(chat: Tavern) -> None:
    chat.playground.fault(POST, "error", **AUTOMOD)
    answer = await chat.answer("chat say", text="Forbidden words.")
    assert "AutoMod blocked the message. What you wrote is in the file." in answer["content"]
    assert chat.file(answer["attachments"][0]) == b"Forbidden words."
    assert await chat.lines() == [("Mira", GREETING)]


async def test_a_refused_link_is_made_harmless(chat: Tavern) -> None:
    await begun(chat, "word https://bad.example/x and [a name](https://bad.example) " + WORDS)
    chat.playground.fault(EDIT, "error", status=400, code=240000)
    note = "\n-# Discord refused a link in this reply, so its links can't be opened."
    wanted = "word hxxps://bad.example/x and a name " + WORDS
    chat.script.speed = float("inf")
    await chat.reply(wanted + note)
    await chat.until(chat.is_idle)
    reply = (await chat.history())[-1]
    assert (reply.text, reply.state) == (wanted, State.DONE)


async def test_a_link_filter_that_takes_nothing_is_named(chat: Tavern) -> None:
    """Every edit is refused."""
    fault = json.loads(shared_path("cases", "21-harmful-link-filter", "fault.json").read_text())
    await begun(chat)
    chat.playground.fault(fault.pop("match"), fault.pop("action"), **fault)
    notice = await told(chat, "Discord refused a link in Mira's reply. The text is kept.")
    shown = chat.said()[1]["content"]
    assert (await chat.history())[-1].text.rstrip() == shown
    assert (await kept_text(chat, notice)).startswith(shown)


@pytest.mark.parametrize(("status", "code"), [(400, 50035), (400, 50109), (405, 0)])
async def test_the_bot_itself_speaks_where_a_webhook_is_refused(
    chat: Tavern, status: int, code: int
) -> None:
    chat.playground.fault("^POST /webhooks/", "error", count=None, status=status, code=code)
    chat.will_say("All the same.")
    chat.ann.send(chat.room, "Hello!")
    await chat.reply("**Mira**\nAll the same.")


async def test_an_edit_that_a_webhook_is_refused_is_said_by_the_bot(chat: Tavern) -> None:
    await begun(chat)
    chat.playground.fault(EDIT, "error", count=None, status=400, code=50035)
    chat.script.speed = float("inf")
    await chat.reply("**Mira**\n" + WORDS)
    assert len(chat.said()) == 2
    assert (await chat.lines())[-1] == ("Mira", WORDS)


async def test_a_refusal_for_no_known_reason_is_told_in_discords_words(chat: Tavern) -> None:
    """The webhook's post and the bot's own are refused; the notice about it is not."""
    fault: dict[str, Any] = {"status": 400, "code": 31337, "message": "The owner forbade it"}
    chat.playground.fault(POST, "error", count=2, **fault)
    chat.will_say("Unheard.")
    chat.ann.send(chat.room, "Hello!")
    told_so = "Discord refused Mira's reply: “The owner forbade it”. The text is kept."
    assert await kept_text(chat, await told(chat, told_so)) == "Unheard."
    assert (await chat.lines())[-1] == ("Ann", "Hello!")


async def test_where_no_voice_gets_through_the_person_is_told_alone(chat: Tavern) -> None:
    post = rf"^POST /(webhooks/\d+/|channels/{chat.room.id}/messages)"
    chat.playground.fault(post, "error", count=None, **AUTOMOD)
    chat.will_say("Unheard.")
    chat.ann.send(chat.room, "Hello!")
    direct = await chat.until(lambda: chat.said(chat.ann.direct()))
    assert "AutoMod blocked Mira's reply" in direct[-1]["content"]
    assert chat.file(direct[-1]["attachments"][0]) == b"Unheard."


async def in_a_thread(chat: Tavern) -> Channel:
    """A reply grows in a thread, and its first words are seen."""
    thread = chat.ann.open_thread(chat.room, "aside")
    chat.script.speed = 40.0
    chat.will_say(WORDS)
    chat.ann.send(thread, "Tell me.")
    await chat.until(lambda: chat.said(thread) and chat.texts(thread)[-1].startswith("word"))
    return thread


@pytest.mark.parametrize("locked", [False, True])
async def test_a_thread_closed_while_a_reply_grows_holds_what_is_visible(
    chat: Tavern, locked: bool
) -> None:
    steps = shared_path("cases", "23-thread-closed-mid-reply", "steps.txt").read_text("utf-8")
    assert steps.startswith("thread; start; slow stream; act archive on:true; wait")
    thread = await in_a_thread(chat)
    place = chat.place(thread)
    chat.playground.simulation.changes.archive(thread, True, locked=locked)
    direct = await chat.until(lambda: chat.said(chat.ann.direct()))
    (shown,) = chat.texts(thread)
    reply = (await chat.engine.newest(place, 1))[0]
    assert (reply.text.rstrip(), reply.state) == (shown, State.CUT)
    assert "closed" in direct[-1]["content"]
    assert WORDS.startswith(chat.file(direct[-1]["attachments"][0]).decode().rstrip())
    # Open again, the reply shows that it was cut, and goes on where it stopped.
    chat.playground.simulation.changes.archive(thread, False, locked=False)
    message = await chat.until(
        lambda: [one for one in chat.said(thread) if "Continue" in labels(one)]
    )
    assert "cut off" in message[-1]["content"]
    chat.will_say(" and so on.")
    chat.ann.press(message[-1], "Continue")
    await chat.reply(shown + " and so on.", room=thread)
