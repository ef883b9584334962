"""What the buttons under a reply do."""

import asyncio

from core.backends.rehearsal.rehearsal import broken
from core.chat.message import State
from core.errors import Overloaded, Unreachable
from core.reasons import Reason
from tests.e2e.tavern.tavern import Json, Tavern, labels

GREETING = "*Mira looks up.* Well met, Ann."
LONG = " ".join(f"word{number}" for number in range(400))


async def answered(chat: Tavern, text: str) -> Json:
    chat.will_say(text)
    chat.ann.send(chat.room, "Hello!")
    return await chat.reply(text)


async def test_stop_keeps_what_has_arrived(chat: Tavern) -> None:
    chat.script.speed = 50
    chat.will_say(LONG)
    chat.ann.send(chat.room, "Talk!")
    await chat.until(lambda: len(chat.said()) == 2 and len(chat.texts()[-1]) > 20)
    running = chat.said()[-1]
    assert labels(running) == ["Stop"]
    chat.ann.press(running, "Stop")
    await chat.until(lambda: "Continue" in labels(chat.said()[-1]))
    text = chat.texts()[-1]
    assert LONG.startswith(text)
    assert len(text) < len(LONG)
    assert (await chat.history())[-1].text == text
    assert chat.script.closed == 1


async def test_regenerate_keeps_the_old_reply_as_a_swipe(chat: Tavern) -> None:
    first = await answered(chat, "First.")
    assert labels(first) == ["◀", "1/1", "▶", "Regenerate", "Continue"]
    chat.will_say("Second.")
    chat.ann.press(first, "Regenerate")
    second = await chat.settled(GREETING, "Second.")
    assert second["id"] == first["id"]
    assert "2/2" in labels(second)
    chat.ann.press(second, "◀")
    back = await chat.settled(GREETING, "First.")
    assert "1/2" in labels(back)
    chat.ann.press(back, "▶")
    await chat.settled(GREETING, "Second.")
    turn = (await chat.history())[-1]
    assert [swipe.text for swipe in turn.swipes] == ["First.", "Second."]
    assert turn.active == 1


async def test_the_right_arrow_past_the_end_makes_a_new_one(chat: Tavern) -> None:
    first = await answered(chat, "First.")
    chat.will_say("Second.")
    chat.ann.press(first, "▶")
    second = await chat.settled(GREETING, "Second.")
    assert "2/2" in labels(second)


async def test_the_shown_swipe_is_what_the_model_reads(chat: Tavern) -> None:
    first = await answered(chat, "The north road.")
    chat.will_say("The south road.")
    chat.ann.press(first, "Regenerate")
    second = await chat.reply("The south road.")
    assert "The north road." not in chat.prompt
    chat.ann.press(second, "◀")
    await chat.reply("The north road.")
    await answered(chat, "Fine.")
    assert "The north road." in chat.prompt
    assert "The south road." not in chat.prompt


async def test_continue_adds_to_the_reply(chat: Tavern) -> None:
    first = await answered(chat, "Take the north")
    chat.will_say(" road, then the ferry.")
    chat.ann.press(first, "Continue")
    whole = "Take the north road, then the ferry."
    message = await chat.settled(GREETING, whole)
    assert message["id"] == first["id"]
    assert (await chat.history())[-1].text == whole


async def test_greetings_are_swiped(chat: Tavern) -> None:
    greeting = chat.said()[0]
    assert "1/3" in labels(greeting)
    chat.ann.press(greeting, "▶")
    second = await chat.settled("The door creaks as Ann comes in.")
    assert "2/3" in labels(second)
    chat.ann.press(second, "▶")
    await chat.settled("Closed! Oh, it is you.")
    await answered(chat, "Aye.")
    assert "Closed! Oh, it is you." in chat.prompt


async def test_only_the_last_reply_has_buttons(chat: Tavern) -> None:
    await answered(chat, "First.")
    await answered(chat, "Second.")
    await chat.until(lambda: [labels(one) for one in chat.said()[:2]] == [[], []])
    assert "Regenerate" in labels(chat.said()[2])


async def test_of_many_presses_one_counts(chat: Tavern) -> None:
    first = await answered(chat, "First.")
    chat.will_say("Second.", "Third.")
    presses = [chat.ann.press(first, "Regenerate") for _ in range(5)]
    presses += [chat.ben.press(first, "Regenerate") for _ in range(5)]
    await asyncio.gather(*(press.acknowledged() for press in presses))
    await chat.settled(GREETING, "Second.")
    assert len((await chat.history())[-1].swipes) == 2


async def test_a_failed_reply_can_be_tried_again(chat: Tavern) -> None:
    chat.script.fail(Unreachable(Reason.SILENT, where="the model"))
    chat.ann.send(chat.room, "Hello!")
    await chat.until(lambda: "Try again" in labels(chat.said()[-1]))
    assert chat.texts()[-1].startswith("⚠ ")
    assert chat.texts()[-1].count("\n") == 0
    chat.will_say("Here I am.")
    chat.ann.press(chat.said()[-1], "Try again")
    await chat.settled(GREETING, "Here I am.")
    assert [turn.text for turn in await chat.history()] == [GREETING, "Hello!", "Here I am."]


async def test_a_reply_that_breaks_off_is_marked_and_continued(chat: Tavern) -> None:
    chat.script.replies.append(broken("Take the north"))
    chat.ann.send(chat.room, "Where to?")
    await chat.until(lambda: len(chat.said()) == 2 and "Continue" in labels(chat.said()[-1]))
    shown = chat.said()[-1]
    assert shown["content"].startswith("Take the north\n-# ✂ ")
    assert (await chat.history())[-1].state is State.CUT
    chat.will_say(" road.")
    chat.ann.press(shown, "Continue")
    await chat.reply("Take the north road.")
    assert (await chat.history())[-1].state is State.DONE


async def test_a_failed_regeneration_leaves_the_old_reply(chat: Tavern) -> None:
    first = await answered(chat, "First.")
    for _ in range(3):
        chat.script.fail(Overloaded(None, "full", where="the model", retry_after=0.01))
    pressed = chat.ann.press(first, "Regenerate")
    await pressed.acknowledged()
    await chat.until(
        lambda: any("overloaded" in one["content"] for one in chat.ann.sees(chat.room))
    )
    message = await chat.settled(GREETING, "First.")
    assert "1/1" in labels(message)
    assert len((await chat.history())[-1].swipes) == 1


async def test_a_reply_that_is_told_anew_shows_no_typing(chat: Tavern) -> None:
    """Nothing new is posted that would end it."""
    chat.will_say("First.")
    chat.ann.send(chat.room, "Hello!")
    message = await chat.reply("First.")
    before = len(chat.requests("POST", "/typing"))
    chat.will_say("Second.")
    chat.ann.press(message, "Regenerate")
    await chat.reply("Second.")
    assert len(chat.requests("POST", "/typing")) == before
