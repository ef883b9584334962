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
from core.chat.incoming import Incoming
from core.chat.message import Attachment
from core.errors import StorageFull
from core.reply.generation import Speaker
from core.settings import LimitSettings, Settings
from tests.e2e.runtime.conftest import Theatre, labels, opened


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


async def test_edits_and_deletions_reach_the_story(theatre: Theatre) -> None:
    first = theatre.ann.send(theatre.room, "I am <@1> Ann.")
    await theatre.settled("Well met.")
    theatre.ann.edit(first, "I am **Anna**.")
    await theatre.until(
        lambda: ("edit", (int(first["id"]), "I am **Anna**.")) in theatre.engine.events
    )
    theatre.ann.delete(first)
    await theatre.until(lambda: ("delete", (int(first["id"]),)) in theatre.engine.events)


async def test_changes_before_a_message_is_stored_hold(theatre: Theatre, files: Files) -> None:
    changed = theatre.ann.send(theatre.room, "first", files=[("long.txt", b"a file")])
    deleted = theatre.ann.send(theatre.room, "second")
    await files.begun.wait()
    theatre.ann.edit(changed, "First!")
    theatre.ann.delete(deleted)
    edit = ("edit", (int(changed["id"]), "First!"))
    await theatre.until(lambda: ("delete", (int(deleted["id"]),)) in theatre.engine.events)
    assert edit not in theatre.engine.events
    files.fetched.set()
    await theatre.until(lambda: edit in theatre.engine.events)
    assert [one.text for one in theatre.engine.heard] == ["first"]


async def test_an_edit_may_overtake_its_message(theatre: Theatre) -> None:
    theatre.playground.fault("^EVENT MESSAGE_CREATE", "reorder")
    message = theatre.ann.send(theatre.room, "first")
    theatre.ann.edit(message, "First!")
    await theatre.until(lambda: theatre.engine.heard)
    assert theatre.engine.heard[0].text == "First!"


async def test_a_deletion_may_overtake_its_message(theatre: Theatre) -> None:
    theatre.playground.fault("^EVENT MESSAGE_CREATE", "reorder")
    message = theatre.ann.send(theatre.room, "first")
    theatre.ann.delete(message)
    theatre.ann.send(theatre.room, "second")
    await theatre.until(lambda: theatre.engine.heard)
    assert [one.text for one in theatre.engine.heard] == ["second"]


async def test_a_deleted_channel_takes_its_story_along(theatre: Theatre) -> None:
    theatre.playground.simulation.changes.delete_channel(theatre.room)
    await theatre.until(lambda: ("forget", int(theatre.room.id)) in theatre.engine.events)


async def test_surplus_messages_of_a_shorter_reply_go_without_the_story(theatre: Theatre) -> None:
    theatre.engine.will_say("word " * 900)
    theatre.ann.send(theatre.room, "Hello!")
    await theatre.until(lambda: theatre.said() and "Regenerate" in labels(theatre.said()[-1]))
    assert len(theatre.said()) == 3
    theatre.engine.will_say("Short.")
    theatre.ann.press(theatre.said()[-1], "Regenerate")
    await theatre.settled("Short.")
    assert not [name for name, _ in theatre.engine.events if name == "delete"]


async def test_the_order_of_messages_holds_though_files_take_time(
    theatre: Theatre, files: Files
) -> None:
    theatre.ann.send(theatre.room, "first", files=[("long.txt", b"a file")])
    await files.begun.wait()
    second = theatre.ann.send(theatre.room, "second")
    known = theatre.bot._connection._get_message
    await theatre.until(lambda: known(int(second["id"])))
    files.fetched.set()
    await theatre.until(lambda: len(theatre.engine.heard) == 2)
    assert [incoming.text for incoming in theatre.engine.heard] == ["first", "second"]
    assert theatre.engine.heard[0].attachments[0].text == "a file"


async def test_a_burst_is_answered_once(theatre: Theatre) -> None:
    theatre.engine.options["chat.burst_seconds"] = 0.4
    for word in ("one", "two", "three"):
        theatre.ann.send(theatre.room, word)
        await asyncio.sleep(0.05)
    await theatre.settled("Well met.")
    assert len(theatre.engine.heard) == 3
    assert len(theatre.engine.turns) == 1


def have_come(those: Sequence[object], number: int) -> bool:
    return len(those) == number


async def test_too_many_turns_get_one_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = LimitSettings(turns_per_person=1, turns_per_server=100)
    async with opened(monkeypatch, settings=Settings(limits=limits)) as theatre:
        await too_many_turns(theatre)


async def too_many_turns(theatre: Theatre) -> None:
    ben = theatre.playground.person("Ben")
    ben.send(theatre.room, "One")
    await theatre.settled("Well met.")
    for n in range(3):
        ben.send(theatre.room, f"More {n}")
        await theatre.until(partial(have_come, theatre.engine.heard, n + 2))
        await asyncio.sleep(0.1)
    await theatre.until(lambda: len(theatre.said()) == 2)
    assert theatre.texts()[1] == "⚠ That was a lot at once. Try again in 10 minutes."
    assert len(theatre.engine.turns) == 1


async def test_what_cannot_be_stored_is_said_once_and_not_answered(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(incoming: Incoming) -> bool:
        raise StorageFull("no space left")

    monkeypatch.setattr(theatre.engine, "receive", full)
    for n in range(3):
        theatre.ann.send(theatre.room, f"Message {n}")
    await theatre.until(lambda: theatre.said())
    text = "⚠ Storage is full. Whoever runs this bot has to make room first."
    await asyncio.sleep(0.2)
    assert theatre.texts() == [text]


@pytest.mark.parametrize("name", ["Ann", "Аnn", "Tavernkeeper"])
async def test_nobody_passes_for_a_moderator(theatre: Theatre, name: str) -> None:
    theatre.engine.speaker = Speaker(name, 1)
    theatre.ann.send(theatre.room, "Hello!")
    message = await theatre.settled("Well met.")
    assert message["author"]["username"] == f"{name} (character)"


def are_finished(theatre: Theatre, number: int) -> bool:
    shown = theatre.said()
    return len(shown) == number and "Regenerate" in labels(shown[-1])


async def test_every_character_keeps_its_picture(theatre: Theatre) -> None:
    looks = {}
    for n, colour in enumerate(((200, 0, 0), (0, 200, 0), (200, 0, 0))):
        theatre.engine.speaker = Speaker(f"Face {n}", n, f"{colour[0]:08x}" + "0" * 56)
        theatre.engine.picture = picture(colour)
        theatre.ann.send(theatre.room, "Next!")
        await theatre.until(partial(are_finished, theatre, n + 1))
        message = theatre.said()[-1]
        looks[n] = (message["webhook_id"], message["author"]["avatar"])
    assert looks[0] == looks[2]
    assert looks[0] != looks[1]
    assert looks[0][1]
    assert len(theatre.playground.state.webhooks) == 2


async def test_webhooks_are_found_again_after_a_restart(theatre: Theatre) -> None:
    theatre.engine.picture = picture((1, 2, 3))
    theatre.ann.send(theatre.room, "Hello!")
    await theatre.settled("Well met.")
    theatre.bot.runtime.webhooks.forget(int(theatre.room.id))
    theatre.ann.send(theatre.room, "Again!")
    await theatre.settled("Well met.", "Well met.")
    assert len(theatre.playground.state.webhooks) == 1
