"""A reply on the screen: grows, is split, ends exact, with buttons under the last message only."""

import asyncio
from typing import Any

import pytest

from core.backends.types import Wait, WaitReason
from core.errors import StreamBroken, Unreachable
from core.reasons import Reason
from tests.e2e.runtime.conftest import Theatre, labels


async def test_a_character_answers_under_its_own_name(theatre: Theatre) -> None:
    theatre.engine.will_say("Well ", "met.")
    theatre.ann.send(theatre.room, "Hello!")
    message = await theatre.settled("Well met.")
    assert message["author"]["username"] == "Mira"
    assert message["webhook_id"]
    assert labels(message) == ["◀", "1/1", "▶", "Regenerate", "Continue"]
    assert [incoming.text for incoming in theatre.engine.heard] == ["Hello!"]


async def test_the_first_words_show_while_the_rest_is_being_written(theatre: Theatre) -> None:
    more = asyncio.Event()
    theatre.engine.will_say("First words", more, " and the end.")
    theatre.ann.send(theatre.room, "Hello!")
    await theatre.until(lambda: theatre.texts() == ["First words"])
    assert labels(theatre.said()[0]) == ["Stop"]
    more.set()
    await theatre.settled("First words and the end.")


async def test_stop_keeps_what_has_arrived(theatre: Theatre) -> None:
    theatre.engine.will_say("Only this", asyncio.Event(), " never that.")
    theatre.ann.send(theatre.room, "Hello!")
    await theatre.until(lambda: theatre.texts() == ["Only this"])
    theatre.ann.press(theatre.said()[0], "Stop")
    await theatre.settled("Only this")


async def test_long_replies_are_split_and_exact(theatre: Theatre) -> None:
    text = " ".join(f"Sentence number {n} of a long story." for n in range(150))
    theatre.engine.will_say(*[text[n : n + 50] for n in range(0, len(text), 50)])
    theatre.ann.send(theatre.room, "Tell me all.")
    await theatre.until(lambda: theatre.engine.turns.get(1) and theatre.engine.turns[1].swipes)
    await theatre.until(lambda: " ".join(theatre.texts()) == text)
    await theatre.until(lambda: "Regenerate" in labels(theatre.said()[-1]))
    assert len(theatre.said()) > 2
    assert not any(labels(message) for message in theatre.said()[:-1])
    ids = tuple(int(message["id"]) for message in theatre.said())
    last = await theatre.until(lambda: [one for one in theatre.engine.told if one[1] == ids])
    assert sum(last[-1][2]) == len(text)


async def test_buttons_leave_the_previous_reply(theatre: Theatre) -> None:
    theatre.ann.send(theatre.room, "One")
    await theatre.settled("Well met.")
    theatre.ann.send(theatre.room, "Two")
    await theatre.settled("Well met.", "Well met.")
    await theatre.until(lambda: labels(theatre.said()[0]) == [])


async def test_regenerate_and_swipe(theatre: Theatre) -> None:
    theatre.engine.will_say("The first.")
    theatre.ann.send(theatre.room, "Hello!")
    message = await theatre.settled("The first.")
    theatre.engine.will_say("The second.")
    theatre.ann.press(message, "Regenerate")
    message = await theatre.settled("The second.")
    assert labels(message)[1] == "2/2"
    theatre.ann.press(message, "◀")
    message = await theatre.settled("The first.")
    assert labels(message)[1] == "1/2"
    theatre.ann.press(message, "▶")
    message = await theatre.settled("The second.")
    theatre.engine.will_say("The third.")
    theatre.ann.press(message, "▶")
    message = await theatre.settled("The third.")
    assert labels(message)[1] == "3/3"


async def test_continue_grows_the_same_message(theatre: Theatre) -> None:
    theatre.engine.will_say("Once upon")
    theatre.ann.send(theatre.room, "Hello!")
    message = await theatre.settled("Once upon")
    theatre.engine.will_say(" a time.")
    theatre.ann.press(message, "Continue")
    await theatre.settled("Once upon a time.")


async def test_of_many_presses_one_counts(theatre: Theatre) -> None:
    theatre.ann.send(theatre.room, "Hello!")
    message = await theatre.settled("Well met.")
    pressed = [theatre.ann.press(message, "Regenerate") for _ in range(20)]
    await theatre.until(lambda: labels(theatre.said()[0])[1:2] == ["2/2"])
    for invocation in pressed:
        assert await invocation.acknowledged()
    await theatre.settled("Well met.")
    assert len(theatre.engine.turns[1].swipes) == 2


async def test_messages_during_a_reply_get_one_further_reply(theatre: Theatre) -> None:
    more = asyncio.Event()
    theatre.engine.will_say("One", more, ".")
    theatre.engine.will_say("Two.")
    theatre.engine.will_say("Three.")
    theatre.ann.send(theatre.room, "Hello!")
    await theatre.until(lambda: theatre.texts() == ["One"])
    for n in range(5):
        theatre.ann.send(theatre.room, f"and {n}")
    await theatre.until(lambda: len(theatre.engine.heard) == 6)
    more.set()
    await theatre.settled("One.", "Two.")
    assert len(theatre.engine.scripts) == 1


async def test_a_broken_stream_keeps_its_text_and_says_so(theatre: Theatre) -> None:
    theatre.engine.will_say("Half a", StreamBroken("reset", where="Script"))
    theatre.ann.send(theatre.room, "Hello!")
    note = "The connection to Script broke off. Continue picks up where it stopped."
    await theatre.settled(f"Half a\n-# ✂ {note}")


async def test_a_fault_is_one_sentence_with_a_way_on(theatre: Theatre) -> None:
    theatre.engine.will_say(Unreachable(Reason.SILENT, where="Script"))
    theatre.ann.send(theatre.room, "Hello!")
    await theatre.until(lambda: theatre.said() and labels(theatre.said()[0]) == ["Try again"])
    (text,) = theatre.texts()
    assert text.startswith("⚠ Script cannot be reached. Nothing answers at its address")
    theatre.engine.will_say("Back again.")
    theatre.ann.press(theatre.said()[0], "Try again")
    await theatre.settled("Back again.")


async def test_a_failed_regenerate_leaves_the_old_text(theatre: Theatre) -> None:
    theatre.engine.will_say("The first.")
    theatre.ann.send(theatre.room, "Hello!")
    message = await theatre.settled("The first.")
    theatre.engine.will_say(Unreachable(Reason.SILENT, where="Script"))
    theatre.ann.press(message, "Regenerate")
    await theatre.until(
        lambda: any("cannot be reached" in one["content"] for one in theatre.ann.sees(theatre.room))
    )
    said = [one for one in theatre.said() if not one["flags"] & 64]
    assert [one["content"] for one in said] == ["The first."]
    await theatre.until(lambda: "Regenerate" in labels(theatre.said()[0]))


async def test_a_wait_is_visible_and_gives_way_to_the_words(theatre: Theatre) -> None:
    more = asyncio.Event()
    theatre.engine.will_say(Wait(WaitReason.QUEUE, position=3), more, "At last.")
    theatre.ann.send(theatre.room, "Hello!")
    waiting = "-# ⏳ Waiting for the model, number 3 in line…"
    await theatre.until(lambda: theatre.texts() == [waiting])
    assert labels(theatre.said()[0]) == ["Stop"]
    more.set()
    await theatre.settled("At last.")


async def test_stopped_while_waiting_nothing_remains(theatre: Theatre) -> None:
    theatre.engine.will_say(Wait(WaitReason.QUEUE, position=3), asyncio.Event(), "Never.")
    theatre.ann.send(theatre.room, "Hello!")
    await theatre.until(lambda: len(theatre.said()) == 1)
    theatre.ann.press(theatre.said()[0], "Stop")
    await theatre.until(lambda: theatre.said() == [])


async def test_typing_shows_while_the_model_thinks(theatre: Theatre) -> None:
    more = asyncio.Event()
    theatre.engine.will_say(more, "Hm.")
    theatre.ann.send(theatre.room, "Hello!")
    await theatre.until(lambda: theatre.requests("POST", "/typing"))
    more.set()
    await theatre.settled("Hm.")


async def test_in_direct_messages_the_name_stands_in_bold(theatre: Theatre) -> None:
    room = theatre.ann.direct()
    theatre.engine.will_say("Just us.")
    theatre.ann.send(room, "Hello!")
    message = await theatre.settled("**Mira**\nJust us.", room=room)
    assert "webhook_id" not in message


async def test_in_threads_the_parents_webhook_speaks(theatre: Theatre) -> None:
    thread = theatre.ann.open_thread(theatre.room, "aside")
    theatre.ann.send(thread, "Psst.")
    message = await theatre.settled("Well met.", room=thread)
    assert message["author"]["username"] == "Mira"
    theatre.engine.will_say("Again.")
    theatre.ann.press(message, "Regenerate")
    await theatre.settled("Again.", room=thread)


async def test_nothing_pings(theatre: Theatre) -> None:
    theatre.engine.will_say("@everyone <@123456789012345678> hello")
    theatre.ann.send(theatre.room, "Hello!")
    await theatre.settled("@everyone <@123456789012345678> hello")
    for method in ("POST", "PATCH"):
        for line in theatre.requests(method, "/messages") + theatre.requests(method, "/webhooks/"):
            if "content" in (line["json"] or {}):
                assert line["json"]["allowed_mentions"]["parse"] == []


@pytest.mark.parametrize("label", ["Regenerate", "Continue", "◀", "▶"])
async def test_a_press_is_answered_while_the_store_is_busy(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch, label: str
) -> None:
    theatre.engine.will_say("The first.")
    theatre.ann.send(theatre.room, "Hello!")
    message = await theatre.settled("The first.")
    theatre.engine.will_say("The second.")
    theatre.ann.press(message, "Regenerate")
    message = await theatre.settled("The second.")
    free = asyncio.Event()
    for verb in ("regenerate", "continue_", "swipe"):
        work = getattr(theatre.engine, verb)

        async def slowly(*given: object, work: Any = work) -> object:
            await free.wait()
            return await work(*given)

        monkeypatch.setattr(theatre.engine, verb, slowly)
    await theatre.ann.press(message, label).acknowledged()
    free.set()
    await theatre.until(lambda: "Regenerate" in labels(theatre.said()[-1]))
