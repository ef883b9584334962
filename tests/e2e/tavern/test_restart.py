"""What outlives the process, and what is made up for after it."""

from datetime import timedelta

import pytest

from core.backends.rehearsal.rehearsal import ScriptedReply
from core.chat.message import State
from tests.e2e.tavern.tavern import Json, Tavern, labels

GREETING = "*Mira looks up.* Well met, Ann."


async def answered(chat: Tavern, text: str) -> Json:
    chat.will_say(text)
    chat.ann.send(chat.room, "Hello!")
    return await chat.reply(text)


async def test_the_story_goes_on(chat: Tavern) -> None:
    await answered(chat, "Remember the tide.")
    await chat.restart()
    await answered(chat, "I do.")
    assert "Remember the tide." in chat.prompt
    assert len(await chat.history()) == 5


async def test_old_buttons_work(chat: Tavern) -> None:
    first = await answered(chat, "First.")
    await chat.restart()
    chat.will_say("Second.")
    chat.ann.press(first, "Regenerate")
    second = await chat.settled(GREETING, "Second.")
    assert second["id"] == first["id"]
    await chat.restart()
    chat.ben.press(second, "◀")
    await chat.settled(GREETING, "First.")


async def test_a_greeting_is_still_swiped(chat: Tavern) -> None:
    await chat.restart()
    chat.ann.press(chat.said()[0], "▶")
    await chat.settled("The door creaks as Ann comes in.")


async def test_old_buttons_go_when_a_new_reply_comes(chat: Tavern) -> None:
    await answered(chat, "First.")
    await chat.restart()
    await answered(chat, "Second.")
    await chat.until(lambda: labels(chat.said()[1]) == [])


async def test_what_was_missed_is_read_and_answered(chat: Tavern) -> None:
    chat.will_say("Hm.", "Hm.")
    kept = chat.ann.send(chat.room, "Helo")
    gone = chat.ann.send(chat.room, "Wrong channel")
    await chat.heard("Wrong channel")
    await chat.until(lambda: chat.is_idle() and "Regenerate" in labels(chat.said()[-1]))
    await chat.stop()
    chat.ann.edit(kept, "Hello")
    chat.ann.delete(gone)
    chat.ben.send(chat.room, "Is anyone here?")
    chat.ann.send(chat.room, "Mira?")
    hook = chat.said()[0]["webhook_id"]
    await chat.start()
    await chat.until(lambda: len(chat.script.requests) == 1 and chat.is_idle())
    for words in ("Ann: Hello\n", "Ben: Is anyone here?", "Ann: Mira?"):
        assert words in chat.prompt
    assert "Helo" not in chat.prompt
    assert "Wrong channel" not in chat.prompt
    assert chat.said()[-1]["webhook_id"] == hook


async def test_what_is_too_old_is_read_and_not_answered(
    chat: Tavern, monkeypatch: pytest.MonkeyPatch
) -> None:
    await chat.stop()
    chat.ann.send(chat.room, "Too late.")
    with monkeypatch.context() as later:
        later.setattr("bot.incoming.message_reader.FRESH", timedelta(0))
        await chat.start()
        await chat.heard("Too late.")
    await answered(chat, "There you are.")
    assert "Too late." in chat.prompt
    assert len(chat.script.requests) == 1
    assert chat.texts() == [GREETING, "There you are."]


async def test_what_was_said_while_the_chat_was_off_stays_out(chat: Tavern) -> None:
    await chat.run("chat stop")
    chat.ann.send(chat.room, "A private word.")
    await chat.run("chat start")
    await chat.restart()
    await answered(chat, "Welcome back.")
    assert "A private word." not in chat.prompt


async def test_a_running_reply_is_cut_where_it_would_take_too_long(
    chat: Tavern, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.client.GRACE_SECONDS", 0.4)
    text = " ".join(f"word{number}" for number in range(300))
    chat.script.speed = 40
    chat.will_say(text)
    chat.ann.send(chat.room, "Talk!")
    await chat.until(lambda: len(chat.said()) == 2)
    await chat.stop()
    shown = chat.said()[-1]
    assert "Stop" not in labels(shown)
    assert "Continue" in labels(shown)
    await chat.start()
    last = (await chat.history())[-1]
    assert last.state is State.DONE
    assert shown["content"].partition("\n-# ")[0] == last.text
    chat.will_say(" And so on.")
    chat.ann.press(shown, "Continue")
    await chat.reply(last.text + " And so on.")


@pytest.mark.parametrize("trouble", ["close", "abort", "reconnect", "invalid"])
async def test_the_gateway_breaks_off_during_a_reply(chat: Tavern, trouble: str) -> None:
    gateway = chat.playground.gateway
    chat.script.replies.append(ScriptedReply("Still here.", delay=0.2))
    chat.ann.send(chat.room, "Hello!")
    await chat.until(lambda: chat.script.requests)
    if trouble == "close":
        await gateway.close_all(4000)
    elif trouble == "abort":
        gateway.abort_all()
    elif trouble == "reconnect":
        gateway.reconnect_all()
    else:
        gateway.invalidate_all(resumable=True)
    await chat.reply("Still here.")
    await chat.playground.until_ready()
    await answered(chat, "And again.")
    assert [text for _, text in await chat.lines()] == [
        GREETING, "Hello!", "Still here.", "Hello!", "And again.",
    ]  # fmt: skip


async def test_events_that_come_twice_are_heard_once(chat: Tavern) -> None:
    chat.playground.fault("^EVENT MESSAGE_CREATE", "repeat", count=None, copies=3)
    await answered(chat, "Once.")
    await chat.until(chat.is_idle)
    assert len(chat.script.requests) == 1
    assert len(await chat.history()) == 3
