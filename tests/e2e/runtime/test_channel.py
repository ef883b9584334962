"""What people do in a channel, and what the story and the screen make of it."""

import asyncio
import io
from collections.abc import Sequence
from functools import partial

import discord
import pytest
from PIL import Image

from bot.incoming import attachments
from bot.incoming.attachments import read
from core.chat.message import Attachment, Incoming
from core.engine.scene import Scene
from core.errors import StorageFull
from core.reply.reply_run import Speaker
from core.settings import LimitSettings, Settings
from tests.e2e.runtime.conftest import ScriptedChat, labels, opened


class Files:
    """Attachments that arrive when the test says so."""

    def __init__(self) -> None:
        self.begun, self.fetched = asyncio.Event(), asyncio.Event()

    async def read(self, attachment: discord.Attachment, limit: int) -> Attachment:
        self.begun.set()
        await self.fetched.wait()
        return await read(attachment, limit)


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Files:
    made = Files()
    monkeypatch.setattr(attachments, "read", made.read)
    return made


def picture(colour: tuple[int, int, int]) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (16, 16), colour).save(file, "PNG")
    return file.getvalue()


async def test_edits_and_deletions_reach_the_story(chat: ScriptedChat) -> None:
    first = chat.ann.send(chat.room, "I am <@1> Ann.")
    await chat.settled("Well met.")
    chat.ann.edit(first, "I am **Anna**.")
    await chat.until(lambda: ("edit", (int(first["id"]), "I am **Anna**.")) in chat.engine.events)
    chat.ann.delete(first)
    await chat.until(lambda: ("delete", (int(first["id"]),)) in chat.engine.events)


async def test_changes_before_a_message_is_stored_hold(chat: ScriptedChat, files: Files) -> None:
    changed = chat.ann.send(chat.room, "first", files=[("long.txt", b"a file")])
    deleted = chat.ann.send(chat.room, "second")
    await files.begun.wait()
    chat.ann.edit(changed, "First!")
    chat.ann.delete(deleted)
    edit = ("edit", (int(changed["id"]), "First!"))
    await chat.until(lambda: ("delete", (int(deleted["id"]),)) in chat.engine.events)
    assert edit not in chat.engine.events
    files.fetched.set()
    await chat.until(lambda: edit in chat.engine.events)
    assert [one.text for one in chat.engine.heard] == ["first"]


async def test_an_edit_may_overtake_its_message(chat: ScriptedChat) -> None:
    chat.playground.fault("^EVENT MESSAGE_CREATE", "reorder")
    message = chat.ann.send(chat.room, "first")
    chat.ann.edit(message, "First!")
    await chat.until(lambda: chat.engine.heard)
    assert chat.engine.heard[0].text == "First!"


async def test_a_deletion_may_overtake_its_message(chat: ScriptedChat) -> None:
    chat.playground.fault("^EVENT MESSAGE_CREATE", "reorder")
    message = chat.ann.send(chat.room, "first")
    chat.ann.delete(message)
    chat.ann.send(chat.room, "second")
    await chat.until(lambda: chat.engine.heard)
    assert [one.text for one in chat.engine.heard] == ["second"]


async def test_a_deleted_channel_takes_its_story_along(chat: ScriptedChat) -> None:
    chat.playground.simulation.changes.delete_channel(chat.room)
    await chat.until(lambda: ("forget", int(chat.room.id)) in chat.engine.events)


async def test_surplus_messages_of_a_shorter_reply_go_without_the_story(chat: ScriptedChat) -> None:
    chat.engine.will_say("word " * 900)
    chat.ann.send(chat.room, "Hello!")
    await chat.until(lambda: chat.said() and "Regenerate" in labels(chat.said()[-1]))
    assert len(chat.said()) == 3
    chat.engine.will_say("Short.")
    chat.ann.press(chat.said()[-1], "Regenerate")
    await chat.settled("Short.")
    assert not [name for name, _ in chat.engine.events if name == "delete"]


async def test_the_order_of_messages_holds_though_files_take_time(
    chat: ScriptedChat, files: Files
) -> None:
    chat.ann.send(chat.room, "first", files=[("long.txt", b"a file")])
    await files.begun.wait()
    second = chat.ann.send(chat.room, "second")
    known = chat.bot._connection._get_message
    await chat.until(lambda: known(int(second["id"])))
    files.fetched.set()
    await chat.until(lambda: len(chat.engine.heard) == 2)
    assert [incoming.text for incoming in chat.engine.heard] == ["first", "second"]
    assert chat.engine.heard[0].attachments[0].text == "a file"


async def test_a_burst_is_answered_once(chat: ScriptedChat) -> None:
    chat.engine.options["chat.burst_seconds"] = 0.4
    for word in ("one", "two", "three"):
        chat.ann.send(chat.room, word)
        await asyncio.sleep(0.05)
    await chat.settled("Well met.")
    assert len(chat.engine.heard) == 3
    assert len(chat.engine.turns) == 1


def have_come(those: Sequence[object], number: int) -> bool:
    return len(those) == number


async def test_too_many_turns_get_one_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = LimitSettings(turns_per_person=1, turns_per_server=100)
    async with opened(monkeypatch, settings=Settings(limits=limits)) as chat:
        await too_many_turns(chat)


async def too_many_turns(chat: ScriptedChat) -> None:
    ben = chat.playground.person("Ben")
    ben.send(chat.room, "One")
    await chat.settled("Well met.")
    for n in range(3):
        ben.send(chat.room, f"More {n}")
        await chat.until(partial(have_come, chat.engine.heard, n + 2))
        await asyncio.sleep(0.1)
    await chat.until(lambda: len(chat.said()) == 2)
    assert chat.texts()[1] == "⚠ That was a lot at once. Try again in 10 minutes."
    assert len(chat.engine.turns) == 1


async def test_what_cannot_be_stored_is_said_once_and_not_answered(
    chat: ScriptedChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(scene: Scene, incoming: Incoming) -> bool:
        raise StorageFull(None, "no space left")

    monkeypatch.setattr(chat.engine, "receive", full)
    for n in range(3):
        chat.ann.send(chat.room, f"Message {n}")
    await chat.until(lambda: chat.said())
    text = "⚠ Storage is full. Whoever runs this bot has to make room first."
    await asyncio.sleep(0.2)
    assert chat.texts() == [text]


@pytest.mark.parametrize("name", ["Ann", "Аnn", "Tavernkeeper"])
async def test_nobody_passes_for_a_moderator(chat: ScriptedChat, name: str) -> None:
    chat.engine.speaker = Speaker(name, 1)
    chat.ann.send(chat.room, "Hello!")
    message = await chat.settled("Well met.")
    assert message["author"]["username"] == f"{name} (character)"


def are_finished(chat: ScriptedChat, number: int) -> bool:
    shown = chat.said()
    return len(shown) == number and "Regenerate" in labels(shown[-1])


async def test_every_character_keeps_its_picture(chat: ScriptedChat) -> None:
    looks = {}
    for n, colour in enumerate(((200, 0, 0), (0, 200, 0), (200, 0, 0))):
        chat.engine.speaker = Speaker(f"Face {n}", n, f"{colour[0]:08x}" + "0" * 56)
        chat.engine.picture = picture(colour)
        chat.ann.send(chat.room, "Next!")
        await chat.until(partial(are_finished, chat, n + 1))
        message = chat.said()[-1]
        looks[n] = (message["webhook_id"], message["author"]["avatar"])
    assert looks[0] == looks[2]
    assert looks[0] != looks[1]
    assert looks[0][1]
    assert len(chat.playground.state.webhooks) == 2


async def test_webhooks_are_found_again_after_a_restart(chat: ScriptedChat) -> None:
    chat.engine.picture = picture((1, 2, 3))
    chat.ann.send(chat.room, "Hello!")
    await chat.settled("Well met.")
    chat.bot.runtime.webhooks.forget(int(chat.room.id))
    chat.ann.send(chat.room, "Again!")
    await chat.settled("Well met.", "Well met.")
    assert len(chat.playground.state.webhooks) == 1
