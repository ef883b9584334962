"""After a crash or an absence: nothing lost, nothing doubled, no mark of work left standing."""

import sqlite3
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.playground import Playground
from bot.playground.rules.permissions import Permission
from core.chat.message import State
from tests.e2e.tavern.conftest import bring_mira
from tests.e2e.tavern.tavern import Tavern, labels, opened

GREETING = "*Mira looks up.* Well met, Ann."
NOTE = "\n-# ✂ This reply was cut off."
STOP = {"type": 2, "id": 2, "style": 4, "label": "Stop", "custom_id": "tavern:stop:1:0000"}
STOP_ROW = [{"type": 1, "id": 1, "components": [STOP]}]


@pytest.fixture
async def chat(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, check_log: Callable[[Playground], None]
) -> AsyncIterator[Tavern]:
    async with opened(monkeypatch, tmp_path) as made:
        await bring_mira(made)
        await made.run("chat start", character="Mira")
        await made.settled(GREETING)
        yield made
    check_log(made.playground)


async def answered(chat: Tavern, text: str) -> None:
    chat.will_say(text)
    chat.ann.send(chat.room, "Hello!")
    await chat.reply(text)


def broken(chat: Tavern, *, draft: str, state: str = "streaming") -> None:
    """The last turn as a crash leaves it in the database."""
    url = chat.settings.database.url
    with sqlite3.connect(url.partition("///")[2]) as connection:
        (turn,) = connection.execute("SELECT max(id) FROM message").fetchone()
        connection.execute("UPDATE message SET state = ? WHERE id = ?", (state, turn))
        connection.execute(
            "UPDATE swipe SET text = ? WHERE message_id = ? AND n = (SELECT active FROM message "
            "WHERE id = ?)",
            (draft, turn, turn),
        )
    connection.close()


def on_screen(chat: Tavern, text: str) -> Any:
    """The last message of the bot as a crash leaves it in Discord."""
    shown = chat.said()[-1]
    message = chat.playground.state.channels[shown["channel_id"]].messages[shown["id"]]
    message.content, message.components = text, STOP_ROW
    return message


async def test_a_half_reply_is_marked_as_cut(chat: Tavern) -> None:
    await answered(chat, "Once upon a time.")
    await chat.stop()
    broken(chat, draft="Once")
    on_screen(chat, "Once upon a")
    await chat.start()
    await chat.settled(GREETING, "Once upon a" + NOTE)
    turns = await chat.history()
    assert [turn.text for turn in turns] == [GREETING, "Hello!", "Once upon a"]
    assert turns[-1].state is State.CUT
    assert labels(chat.said()[-1]) == ["◀", "1/1", "▶", "Regenerate", "Continue"]
    chat.will_say(" time, again.")
    chat.ann.press(chat.said()[-1], "Continue")
    await chat.reply("Once upon a time, again.")


async def test_the_store_is_believed_where_it_knows_more(chat: Tavern) -> None:
    await answered(chat, "Once upon a time.")
    await chat.stop()
    broken(chat, draft="Once upon a")
    on_screen(chat, "Once")
    await chat.start()
    await chat.settled(GREETING, "Once upon a" + NOTE)


async def test_a_message_whose_id_was_not_stored_is_found(chat: Tavern) -> None:
    await answered(chat, "Once upon a time.")
    await chat.stop()
    broken(chat, draft="Once")
    on_screen(chat, "Once upon a")
    with sqlite3.connect(chat.settings.database.url.partition("///")[2]) as connection:
        connection.execute(
            "DELETE FROM discord_message WHERE message_id = (SELECT max(id) FROM message)"
        )
    connection.close()
    await chat.start()
    await chat.settled(GREETING, "Once upon a" + NOTE)
    turns = await chat.history()
    assert turns[-1].discord_ids == (int(chat.said()[-1]["id"]),)


async def test_a_sign_of_waiting_does_not_stay(
    chat: Tavern, monkeypatch: pytest.MonkeyPatch
) -> None:
    await answered(chat, "Once upon a time.")
    await chat.stop()
    broken(chat, draft="", state="pending")
    on_screen(chat, "-# ⏳ Waiting for the model, number 3 in line…")
    monkeypatch.setattr("bot.incoming.message_reader.FRESH", timedelta(seconds=-60))
    await chat.start()
    await chat.until(lambda: chat.texts() == [GREETING])
    assert [turn.text for turn in await chat.history()] == [GREETING, "Hello!"]


async def test_a_fresh_question_without_an_answer_is_answered(chat: Tavern) -> None:
    await answered(chat, "Once upon a time.")
    await chat.stop()
    broken(chat, draft="", state="pending")
    on_screen(chat, "-# ⏳ Waiting for the model, number 3 in line…")
    await chat.start()
    await chat.until(lambda: len(chat.said()) == 2 and "Regenerate" in labels(chat.said()[-1]))
    turns = await chat.history()
    assert [turn.text for turn in turns[:2]] == [GREETING, "Hello!"]
    assert len(turns) == 3


async def test_an_unfinished_swipe_gives_way_to_the_one_before(chat: Tavern) -> None:
    await answered(chat, "The first.")
    chat.will_say("The second.")
    chat.ann.press(chat.said()[-1], "Regenerate")
    await chat.reply("The second.")
    await chat.stop()
    broken(chat, draft="", state="pending")
    on_screen(chat, "The first.")
    await chat.start()
    await chat.settled(GREETING, "The first.")
    assert labels(chat.said()[-1])[1] == "1/1"


async def test_missed_messages_are_read_and_fresh_ones_answered(chat: Tavern) -> None:
    await answered(chat, "Once.")
    await chat.stop()
    chat.ann.send(chat.room, "Are you")
    chat.ben.send(chat.room, "still there?")
    await chat.start()
    chat_lines = [GREETING, "Hello!", "Once.", "Are you", "still there?"]
    await chat.until(lambda: len(chat.said()) == 3 and "Regenerate" in labels(chat.said()[-1]))
    assert [turn.text for turn in await chat.history()][:5] == chat_lines
    assert len(await chat.history()) == 6


async def test_missed_messages_that_are_old_are_only_read(
    chat: Tavern, monkeypatch: pytest.MonkeyPatch
) -> None:
    await answered(chat, "Once.")
    await chat.stop()
    chat.ann.send(chat.room, "Are you there?")
    monkeypatch.setattr("bot.incoming.message_reader.FRESH", timedelta(seconds=-60))
    await chat.start()
    await chat.until(lambda: chat.bot.recovery.caught_up.is_set())
    assert len(chat.said()) == 2
    assert [turn.text for turn in await chat.history()][3:] == ["Are you there?"]


async def test_edits_and_deletions_in_the_meantime(chat: Tavern) -> None:
    first = chat.ann.send(chat.room, "I am Ann.")
    chat.will_say("I see.")
    await chat.until(lambda: len(chat.said()) == 2 and "Regenerate" in labels(chat.said()[-1]))
    second = chat.ann.send(chat.room, "Forget that.")
    await chat.until(lambda: len(chat.said()) == 3 and "Regenerate" in labels(chat.said()[-1]))
    await chat.stop()
    chat.ann.edit(first, "I am Anna.")
    chat.ann.delete(second)
    await chat.start()
    await chat.until(lambda: chat.bot.recovery.caught_up.is_set())
    texts = [turn.text for turn in await chat.history()]
    assert "I am Anna." in texts
    assert "Forget that." not in texts


async def test_the_newest_messages_deleted_in_the_meantime(chat: Tavern) -> None:
    chat.ann.send(chat.room, "Stay.")
    chat.will_say("I shall.")
    await chat.until(lambda: len(chat.said()) == 2 and "Regenerate" in labels(chat.said()[-1]))
    last = chat.ann.send(chat.room, "Forget that.")
    await chat.until(lambda: len(chat.said()) == 3 and "Regenerate" in labels(chat.said()[-1]))
    await chat.stop()
    chat.ann.delete(last)
    chat.ann.delete(chat.said()[-1])
    await chat.start()
    await chat.until(lambda: chat.bot.recovery.caught_up.is_set())
    assert [turn.text for turn in await chat.history()] == [GREETING, "Stay.", "I shall."]


async def test_a_channel_that_may_not_be_read_loses_nothing(chat: Tavern) -> None:
    await answered(chat, "Once.")
    await chat.stop()
    bot_id, history = chat.playground.state.bot.id, int(Permission.READ_MESSAGE_HISTORY)
    chat.playground.simulation.changes.overwrite(chat.room, bot_id, 1, 0, history)
    await chat.start()
    await chat.until(lambda: chat.bot.recovery.caught_up.is_set())
    assert len(await chat.history()) == 3


async def test_events_lost_with_a_session_are_made_up_for(chat: Tavern) -> None:
    await answered(chat, "Once.")
    chat.playground.fault("^EVENT MESSAGE_CREATE", "lose", count=1)
    chat.ann.send(chat.room, "Unheard.")
    chat.playground.gateway.invalidate_all(resumable=False)
    await chat.until(lambda: len(chat.said()) == 3, within=20)
    assert [turn.text for turn in await chat.history()][3] == "Unheard."


@pytest.mark.parametrize("trouble", ["abort", "reconnect", "invalid", "forgotten"])
async def test_a_session_that_breaks_amid_a_reply_changes_nothing(
    chat: Tavern, trouble: str
) -> None:
    gateway, text = chat.playground.gateway, " ".join(f"word{n}" for n in range(100))
    chat.script.speed = 40
    chat.will_say(text)
    chat.ann.send(chat.room, "Talk!")
    await chat.until(lambda: len(chat.said()) == 2)
    if trouble == "abort":
        gateway.abort_all()
    elif trouble == "reconnect":
        gateway.reconnect_all()
    else:
        gateway.invalidate_all(resumable=trouble == "invalid")
    assert labels(chat.said()[-1]) == ["Stop"]
    await chat.settled(GREETING, text)
    await chat.playground.until_ready()
    chat.will_say("Anew.")
    chat.ann.press(chat.said()[-1], "Regenerate")
    await chat.settled(GREETING, "Anew.")
    assert [turn.text for turn in await chat.history()] == [GREETING, "Talk!", "Anew."]


async def test_a_refused_look_into_the_past_is_repeated(chat: Tavern) -> None:
    await answered(chat, "Once.")
    await chat.stop()
    chat.ann.send(chat.room, "Unheard.")
    chat.playground.fault("^GET /channels/[0-9]+/messages", "error", status=429)
    await chat.start()
    await chat.until(lambda: len(chat.said()) == 3)
    assert [turn.text for turn in await chat.history()][3] == "Unheard."


async def test_a_repeated_event_is_answered_once(chat: Tavern) -> None:
    chat.playground.fault("^EVENT MESSAGE_CREATE", "repeat", count=1, copies=4)
    await answered(chat, "Once.")
    chat.will_say("Twice.")
    chat.ann.send(chat.room, "And?")
    await chat.settled(GREETING, "Once.", "Twice.")
