"""How a story is steered: commands, edits and deletions."""

import asyncio
import json
from collections.abc import Collection
from typing import Any

import pytest

from core.backends.rehearsal.rehearsal import ScriptedReply
from tests.e2e.tavern.tavern import Json, Tavern, labels

GREETING = "*Mira looks up.* Well met, Ann."


async def answered(chat: Tavern, asked: str, text: str) -> Json:
    """Ann's message, once it has its reply."""
    chat.will_say(text)
    message = chat.ann.send(chat.room, asked)
    await chat.reply(text)
    return message


async def test_start_says_who_answers(mira: Tavern) -> None:
    assert (
        await mira.run("chat start", character="Mira") == "**Mira** will answer every message here."
    )
    text = await mira.run("chat mode", answer="mention")
    assert text == "Characters now only answer when mentioned or replied to."
    text = await mira.run("chat mode", answer="every")
    assert text == "Characters now answer every message in this channel."


async def test_start_without_a_character_says_what_is_missing(tavern: Tavern) -> None:
    text = await tavern.run("chat start")
    assert text == "There is no character here yet. Begin with `/chat start character:`."


async def test_start_with_an_unknown_character(tavern: Tavern) -> None:
    text = await tavern.run("chat start", character="Nobody")
    assert text.startswith("There is no character called “Nobody” here.")


async def test_a_guest_may_not_switch_the_chat(mira: Tavern) -> None:
    text = await mira.run("chat start", by=mira.ben, character="Mira")
    assert text == "Only people who manage this server may do that here."
    assert mira.texts() == []


async def test_stop_silences_and_start_goes_on(chat: Tavern) -> None:
    text = await chat.run("chat stop")
    assert (
        text
        == "The chat is off. The story is saved, so you can pick it up again with `/chat start`."
    )
    chat.ann.send(chat.room, "Anybody there?")
    await chat.run("chat start")
    assert chat.texts() == [GREETING]
    await answered(chat, "And now?", "I never left.")
    assert GREETING in chat.prompt


async def test_stop_ends_a_reply_before_its_first_word(chat: Tavern) -> None:
    chat.script.replies.append(ScriptedReply("Never.", hold=asyncio.Event()))
    chat.ann.send(chat.room, "Wait!")
    await chat.until(lambda: chat.script.requests)
    await chat.run("chat stop")
    await chat.until(lambda: chat.script.closed and chat.is_idle())
    assert chat.texts() == [GREETING]
    assert await chat.lines() == [("Mira", GREETING), ("Ann", "Wait!")]


async def test_say_speaks_without_a_message(mira: Tavern) -> None:
    await mira.run("chat start", character="Mira", mode="mention")
    mira.will_say("Loud and clear.")
    await mira.done(mira.ben.command(mira.room, "chat say", text="Do you hear me?"))
    await mira.settled("*Mira looks up.* Well met, Ann.", "Do you hear me?", "Loud and clear.")
    said = mira.said()[1]
    assert said["author"]["username"] == "Ben"
    assert await mira.lines() == [
        ("Mira", GREETING),
        ("Ben", "Do you hear me?"),
        ("Mira", "Loud and clear."),
    ]


async def test_what_a_person_said_by_command_has_no_buttons(mira: Tavern) -> None:
    await mira.run("chat start", character="Mira")
    hold = asyncio.Event()
    mira.script.replies.append(ScriptedReply("Hm.", hold=hold))
    await mira.done(mira.ben.command(mira.room, "chat say", text="Good evening."))
    assert mira.texts()[-1] == "Good evening."
    assert labels(mira.said()[-1]) == []
    hold.set()
    await mira.reply("Hm.")


async def test_regenerate_and_continue_by_command(chat: Tavern) -> None:
    await answered(chat, "Hello!", "First.")
    chat.will_say("Second")
    await chat.done(chat.ben.command(chat.room, "chat regenerate"))
    await chat.settled(GREETING, "Second")
    chat.will_say(" to none.")
    await chat.done(chat.ann.command(chat.room, "chat continue"))
    await chat.settled(GREETING, "Second to none.")


async def test_regenerate_where_nothing_was_said(mira: Tavern) -> None:
    text = await mira.run("chat regenerate")
    assert text == "There is no message here for that."


async def test_undo_takes_back_the_last_exchange(chat: Tavern) -> None:
    await answered(chat, "Keep this.", "Kept.")
    await answered(chat, "Not this.", "Oops.")
    assert await chat.run("chat undo") == "Undid the last message and the replies to it."
    await chat.until(lambda: chat.texts() == [GREETING, "Kept."])
    await answered(chat, "Again.", "Better.")
    assert "Kept." in chat.prompt
    assert "Not this." not in chat.prompt
    assert "Oops." not in chat.prompt


async def test_undo_with_nothing_said(chat: Tavern) -> None:
    assert await chat.run("chat undo") == "There's nothing to undo."


async def test_clear_begins_a_new_story(chat: Tavern) -> None:
    await answered(chat, "Remember the number 5150.", "I will.")
    text = await chat.run("chat clear")
    assert text == "Started a new story. Everything said before is forgotten."
    await answered(chat, "Which number?", "No idea.")
    assert "5150" not in chat.prompt


async def test_prompt_shows_what_would_be_sent(chat: Tavern) -> None:
    await answered(chat, "Hello!", "Hm.")
    message = await chat.answer("chat prompt")
    (embed,) = message["embeds"]
    files = {file["filename"]: file for file in message["attachments"]}
    shown = json.dumps(embed, ensure_ascii=False)
    assert "tokens" in shown
    assert "Mira" in shown
    written = chat.file(files["prompt.txt"]).decode()
    assert "keeps the Silver Tankard" in written
    assert "Hello!" in written
    requests = len(chat.script.requests)
    assert requests == 1
    assert len(await chat.history()) == 3


async def test_an_edit_changes_the_next_prompt(chat: Tavern) -> None:
    asked = await answered(chat, "My name is Bob.", "Hello Bob.")
    chat.ann.edit(asked, "My name is Rob.")
    await answered(chat, "What is my name?", "Rob.")
    assert "My name is Rob." in chat.prompt
    assert "My name is Bob." not in chat.prompt


async def test_a_deletion_changes_the_next_prompt(chat: Tavern) -> None:
    asked = await answered(chat, "The password is swordfish.", "Noted.")
    chat.ann.delete(asked)
    await answered(chat, "Anything new?", "No.")
    assert "swordfish" not in chat.prompt


async def test_a_deleted_reply_leaves_the_story(chat: Tavern) -> None:
    await answered(chat, "Hello!", "A wrong turn.")
    chat.ann.delete(chat.said()[-1])
    await answered(chat, "Again.", "Right.")
    assert "A wrong turn." not in chat.prompt


async def test_a_reply_deleted_before_the_store_knows_its_message(
    chat: Tavern, monkeypatch: pytest.MonkeyPatch
) -> None:
    deleted, shown = asyncio.Event(), chat.engine.shown

    async def late(*args: Any) -> None:
        await deleted.wait()
        await shown(*args)

    monkeypatch.setattr(chat.engine, "shown", late)
    chat.will_say("A wrong turn.")
    chat.ann.send(chat.room, "Hello!")
    await chat.until(lambda: len(chat.said()) == 2)
    delete = chat.engine.delete

    async def delete_and_tell(ids: Collection[int]) -> None:
        await delete(ids)
        deleted.set()

    monkeypatch.setattr(chat.engine, "delete", delete_and_tell)
    chat.ann.delete(chat.said()[-1])
    await answered(chat, "Again.", "Right.")
    assert "A wrong turn." not in chat.prompt


async def test_an_edit_while_the_reply_runs(chat: Tavern) -> None:
    hold = asyncio.Event()
    chat.script.replies.append(ScriptedReply("Hm.", hold=hold))
    asked = chat.ann.send(chat.room, "Helo!")
    await chat.until(lambda: chat.script.requests)
    chat.ann.edit(asked, "Hello!")
    hold.set()
    await chat.reply("Hm.")
    await answered(chat, "And?", "Ah.")
    assert "Hello!" in chat.prompt
    assert "Helo!" not in chat.prompt


async def test_the_words_of_a_manager_carry_their_own_name(mira: Tavern) -> None:
    """A character that is called like one is marked; the person is none."""
    await mira.run("chat start", character="Mira")
    await mira.done(mira.ann.command(mira.room, "chat say", text="Good evening."))
    (said,) = [one for one in mira.said() if one["content"] == "Good evening."]
    assert said["author"]["username"] == "Ann"
