"""A reply on the screen: grows, is split, ends exact, with buttons under the last message only."""

import asyncio
from typing import Any

import pytest

from core.backends.types import Wait, WaitReason
from core.errors import StreamBroken, Unreachable
from core.reasons import Reason
from tests.e2e.runtime.conftest import ScriptedChat, labels


async def test_a_character_answers_under_its_own_name(chat: ScriptedChat) -> None:
    chat.engine.will_say("Well ", "met.")
    chat.ann.send(chat.room, "Hello!")
    message = await chat.settled("Well met.")
    assert message["author"]["username"] == "Mira"
    assert message["webhook_id"]
    assert labels(message) == ["◀", "1/1", "▶", "Regenerate", "Continue"]
    assert [incoming.text for incoming in chat.engine.heard] == ["Hello!"]


async def test_the_first_words_show_while_the_rest_is_being_written(chat: ScriptedChat) -> None:
    more = asyncio.Event()
    chat.engine.will_say("First words", more, " and the end.")
    chat.ann.send(chat.room, "Hello!")
    await chat.until(lambda: chat.texts() == ["First words"])
    assert labels(chat.said()[0]) == ["Stop"]
    more.set()
    await chat.settled("First words and the end.")


async def test_stop_keeps_what_has_arrived(chat: ScriptedChat) -> None:
    chat.engine.will_say("Only this", asyncio.Event(), " never that.")
    chat.ann.send(chat.room, "Hello!")
    await chat.until(lambda: chat.texts() == ["Only this"])
    chat.ann.press(chat.said()[0], "Stop")
    await chat.settled("Only this")


async def test_long_replies_are_split_and_exact(chat: ScriptedChat) -> None:
    text = " ".join(f"Sentence number {n} of a long story." for n in range(150))
    chat.engine.will_say(*[text[n : n + 50] for n in range(0, len(text), 50)])
    chat.ann.send(chat.room, "Tell me all.")
    await chat.until(lambda: chat.engine.turns.get(1) and chat.engine.turns[1].swipes)
    await chat.until(lambda: " ".join(chat.texts()) == text)
    await chat.until(lambda: "Regenerate" in labels(chat.said()[-1]))
    assert len(chat.said()) > 2
    assert not any(labels(message) for message in chat.said()[:-1])
    ids = tuple(int(message["id"]) for message in chat.said())
    last = await chat.until(lambda: [one for one in chat.engine.told if one[1] == ids])
    assert sum(last[-1][2]) == len(text)


async def test_buttons_leave_the_previous_reply(chat: ScriptedChat) -> None:
    chat.ann.send(chat.room, "One")
    await chat.settled("Well met.")
    chat.ann.send(chat.room, "Two")
    await chat.settled("Well met.", "Well met.")
    await chat.until(lambda: labels(chat.said()[0]) == [])


async def test_regenerate_and_swipe(chat: ScriptedChat) -> None:
    chat.engine.will_say("The first.")
    chat.ann.send(chat.room, "Hello!")
    message = await chat.settled("The first.")
    chat.engine.will_say("The second.")
    chat.ann.press(message, "Regenerate")
    message = await chat.settled("The second.")
    assert labels(message)[1] == "2/2"
    chat.ann.press(message, "◀")
    message = await chat.settled("The first.")
    assert labels(message)[1] == "1/2"
    chat.ann.press(message, "▶")
    message = await chat.settled("The second.")
    chat.engine.will_say("The third.")
    chat.ann.press(message, "▶")
    message = await chat.settled("The third.")
    assert labels(message)[1] == "3/3"


async def test_continue_grows_the_same_message(chat: ScriptedChat) -> None:
    chat.engine.will_say("Once upon")
    chat.ann.send(chat.room, "Hello!")
    message = await chat.settled("Once upon")
    chat.engine.will_say(" a time.")
    chat.ann.press(message, "Continue")
    await chat.settled("Once upon a time.")


async def test_of_many_presses_one_counts(chat: ScriptedChat) -> None:
    chat.ann.send(chat.room, "Hello!")
    message = await chat.settled("Well met.")
    pressed = [chat.ann.press(message, "Regenerate") for _ in range(20)]
    await chat.until(lambda: labels(chat.said()[0])[1:2] == ["2/2"])
    for invocation in pressed:
        assert await invocation.acknowledged()
    await chat.settled("Well met.")
    assert len(chat.engine.turns[1].swipes) == 2


async def test_messages_during_a_reply_get_one_further_reply(chat: ScriptedChat) -> None:
    more = asyncio.Event()
    chat.engine.will_say("One", more, ".")
    chat.engine.will_say("Two.")
    chat.engine.will_say("Three.")
    chat.ann.send(chat.room, "Hello!")
    await chat.until(lambda: chat.texts() == ["One"])
    for n in range(5):
        chat.ann.send(chat.room, f"and {n}")
    await chat.until(lambda: len(chat.engine.heard) == 6)
    more.set()
    await chat.settled("One.", "Two.")
    assert len(chat.engine.scripts) == 1


async def test_a_broken_stream_keeps_its_text_and_says_so(chat: ScriptedChat) -> None:
    chat.engine.will_say("Half a", StreamBroken(None, "reset", where="Script"))
    chat.ann.send(chat.room, "Hello!")
    note = "The connection to Script broke off. What came until then is kept."
    await chat.settled(f"Half a\n-# ✂ {note}")


async def test_a_fault_is_one_sentence_with_a_way_on(chat: ScriptedChat) -> None:
    chat.engine.will_say(Unreachable(Reason.SILENT, where="Script"))
    chat.ann.send(chat.room, "Hello!")
    await chat.until(lambda: chat.said() and labels(chat.said()[0]) == ["Try again"])
    (text,) = chat.texts()
    assert text.startswith("⚠ Script can't be reached. Nothing answers at its address")
    chat.engine.will_say("Back again.")
    chat.ann.press(chat.said()[0], "Try again")
    await chat.settled("Back again.")


async def test_a_failed_regenerate_leaves_the_old_text(chat: ScriptedChat) -> None:
    chat.engine.will_say("The first.")
    chat.ann.send(chat.room, "Hello!")
    message = await chat.settled("The first.")
    chat.engine.will_say(Unreachable(Reason.SILENT, where="Script"))
    chat.ann.press(message, "Regenerate")
    await chat.until(
        lambda: any("can't be reached" in one["content"] for one in chat.ann.sees(chat.room))
    )
    said = [one for one in chat.said() if not one["flags"] & 64]
    assert [one["content"] for one in said] == ["The first."]
    await chat.until(lambda: "Regenerate" in labels(chat.said()[0]))


async def test_a_wait_is_visible_and_gives_way_to_the_words(chat: ScriptedChat) -> None:
    more = asyncio.Event()
    chat.engine.will_say(Wait(WaitReason.QUEUE, position=3), more, "At last.")
    chat.ann.send(chat.room, "Hello!")
    waiting = "-# ⏳ Waiting for the model, number 3 in line…"
    await chat.until(lambda: chat.texts() == [waiting])
    assert labels(chat.said()[0]) == ["Stop"]
    more.set()
    await chat.settled("At last.")


async def test_stopped_while_waiting_nothing_remains(chat: ScriptedChat) -> None:
    chat.engine.will_say(Wait(WaitReason.QUEUE, position=3), asyncio.Event(), "Never.")
    chat.ann.send(chat.room, "Hello!")
    await chat.until(lambda: len(chat.said()) == 1)
    chat.ann.press(chat.said()[0], "Stop")
    await chat.until(lambda: chat.said() == [])


async def test_typing_shows_while_the_model_thinks(chat: ScriptedChat) -> None:
    more = asyncio.Event()
    chat.engine.will_say(more, "Hm.")
    chat.ann.send(chat.room, "Hello!")
    await chat.until(lambda: chat.requests("POST", "/typing"))
    more.set()
    await chat.settled("Hm.")


async def test_in_direct_messages_the_name_stands_in_bold(chat: ScriptedChat) -> None:
    room = chat.ann.direct()
    chat.engine.will_say("Just us.")
    chat.ann.send(room, "Hello!")
    message = await chat.settled("**Mira**\nJust us.", room=room)
    assert "webhook_id" not in message


async def test_in_threads_the_parents_webhook_speaks(chat: ScriptedChat) -> None:
    thread = chat.ann.open_thread(chat.room, "aside")
    chat.ann.send(thread, "Psst.")
    message = await chat.settled("Well met.", room=thread)
    assert message["author"]["username"] == "Mira"
    chat.engine.will_say("Again.")
    chat.ann.press(message, "Regenerate")
    await chat.settled("Again.", room=thread)


async def test_nothing_pings(chat: ScriptedChat) -> None:
    chat.engine.will_say("@everyone <@123456789012345678> hello")
    chat.ann.send(chat.room, "Hello!")
    await chat.settled("@everyone <@123456789012345678> hello")
    for method in ("POST", "PATCH"):
        for line in chat.requests(method, "/messages") + chat.requests(method, "/webhooks/"):
            if "content" in (line["json"] or {}):
                assert line["json"]["allowed_mentions"]["parse"] == []


@pytest.mark.parametrize("label", ["Regenerate", "Continue", "◀", "▶"])
async def test_a_press_is_answered_while_the_store_is_busy(
    chat: ScriptedChat, monkeypatch: pytest.MonkeyPatch, label: str
) -> None:
    chat.engine.will_say("The first.")
    chat.ann.send(chat.room, "Hello!")
    message = await chat.settled("The first.")
    chat.engine.will_say("The second.")
    chat.ann.press(message, "Regenerate")
    message = await chat.settled("The second.")
    free = asyncio.Event()
    for verb in ("regenerate", "continue_", "swipe"):
        work = getattr(chat.engine, verb)

        async def slowly(*given: object, work: Any = work) -> object:
            await free.wait()
            return await work(*given)

        monkeypatch.setattr(chat.engine, verb, slowly)
    await chat.ann.press(message, label).acknowledged()
    free.set()
    await chat.until(lambda: "Regenerate" in labels(chat.said()[-1]))
