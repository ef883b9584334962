"""Pictures in messages reach models that see; others are told their names."""

import base64
from typing import Any

from core.chat.message import Attachment, Message, Role, Swipe
from core.engine.images import Pictures
from core.untrusted.pictures import picture_type
from tests.conformance.standin import Act, StandIn
from tests.e2e.connect.conftest import KOBOLDCPP, Stand
from tests.e2e.tavern.cards import picture
from tests.e2e.tavern.tavern import Tavern

PNG = picture()


async def _openai(chat: Tavern, stand: Stand, model: str) -> StandIn:
    server = await stand("openai-chat", {"/v1/models": {"data": [{"id": model}]}})
    await chat.run("connect use", backend="openai", url=server.url, model=model)
    await chat.form("connect key", {"key": "sk-123456789"})
    return server


def parts(body: Any, kind: str) -> list[Any]:
    """The content parts of a type in a chat request."""
    contents = [one["content"] for one in body["messages"] if isinstance(one["content"], list)]
    return [part for content in contents for part in content if part["type"] == kind]


async def test_a_model_that_sees_gets_the_picture(chat: Tavern, stand: Stand) -> None:
    server = await _openai(chat, stand, "gpt-4o")
    server.acts.append(Act(pieces=["A violet door."]))
    chat.ann.send(chat.room, "What is this?", files=[("door.png", PNG)])
    await chat.reply("A violet door.")
    (shown,) = parts(server.replies[-1].body, "image_url")
    assert shown["image_url"]["url"] == f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    assert "door.png" not in str(server.replies[-1].body)
    server.acts.append(Act(pieces=["As I said."]))
    chat.ann.send(chat.room, "Are you sure?")
    await chat.reply("As I said.")
    assert len(parts(server.replies[-1].body, "image_url")) == 1


async def test_a_picture_without_words(chat: Tavern, stand: Stand) -> None:
    server = await _openai(chat, stand, "gpt-4o")
    server.acts.append(Act(pieces=["A door."]))
    chat.ann.send(chat.room, files=[("door.png", PNG)])
    await chat.reply("A door.")
    assert len(parts(server.replies[-1].body, "image_url")) == 1


async def test_koboldcpp_sees_when_its_projector_is_loaded(chat: Tavern, stand: Stand) -> None:
    eyes = {"/api/extra/version": {"result": "KoboldCpp", "version": "1.102", "vision": True}}
    server = await stand("koboldcpp", {**KOBOLDCPP, **eyes})
    await chat.run("connect use", backend="koboldcpp", url=server.url)
    server.acts.append(Act(pieces=["A door."]))
    chat.ann.send(chat.room, "What is this?", files=[("door.png", PNG)])
    await chat.reply("A door.")
    assert server.replies[-1].body["images"] == [base64.b64encode(PNG).decode()]


def _turn(*files: Attachment) -> Message:
    return Message(1, 1, Role.USER, "Ann", (Swipe("Look"),), author_id=1, attachments=files)


async def test_pictures_come_from_discords_own_host_only(chat: Tavern, stand: Stand) -> None:
    server = await stand("openai-chat", {"/door.png": {}})
    servers, cdn = chat.engine.models.pool, chat.settings.discord.cdn_url
    pictures = Pictures(servers.http, cdn)
    elsewhere = [
        f"{server.url}/door.png",
        cdn.replace("http://", "http://ann:secret@") + "/door.png",
        cdn.replace("http://", "ftp://") + "/door.png",
        "http://169.254.169.254/latest/meta-data",
        "no address",
    ]
    turns = [
        _turn(Attachment(number, "door.png", "image/png", 10, url))
        for number, url in enumerate(elsewhere)
    ]
    assert await pictures.of(turns) == {}
    assert server.heard == []


async def test_no_picture_is_too_large_or_no_picture_at_all(chat: Tavern) -> None:
    pictures = Pictures(chat.engine.models.pool.http, chat.settings.discord.cdn_url)
    url = f"{chat.settings.discord.cdn_url}/nothing.png"
    huge = Attachment(1, "huge.png", "image/png", 50_000_000, url)
    gone = Attachment(2, "gone.png", "image/png", 10, url)
    text = Attachment(3, "notes.txt", "text/plain", 10, url)
    assert await pictures.of([_turn(huge, gone, text)]) == {}
    assert picture_type(PNG) == "image/png"
    assert picture_type(b"RIFF\0\0\0\0WEBPVP8 ") == "image/webp"
    assert picture_type(b"<html>") == ""


async def test_at_most_four_pictures_are_sent(chat: Tavern, stand: Stand) -> None:
    server = await _openai(chat, stand, "gpt-4o")
    server.acts.append(Act(pieces=["Many doors."]))
    files = [(f"door{number}.png", picture((number, 0, 0))) for number in range(6)]
    chat.ann.send(chat.room, "And these?", files=files)
    await chat.reply("Many doors.")
    assert len(parts(server.replies[-1].body, "image_url")) == 4
    assert "[image: door1.png]" in str(server.replies[-1].body)
    assert "[image: door2.png]" not in str(server.replies[-1].body)


async def test_any_server_s_model_sees_by_its_name_or_by_the_switch(
    chat: Tavern, stand: Stand
) -> None:
    server = await stand("openai-chat", {"/v1/models": {"data": [{"id": "qwen2.5-vl-7b"}]}})
    await chat.run(
        "connect use", backend="openai-compatible", url=server.url, model="qwen2.5-vl-7b"
    )
    for number, (value, seen) in enumerate([("auto", 1), ("off", 0), ("on", 1)]):
        assert value in await chat.run("connect option", name="pictures", value=value)
        server.acts.append(Act(pieces=[f"Door {number}."]))
        chat.ann.send(chat.room, f"What is this, {number}?", files=[(f"door{number}.png", PNG)])
        await answered(chat, f"Door {number}.")
        assert len(parts(server.replies[-1].body, "image_url")) >= seen
        assert bool(parts(server.replies[-1].body, "image_url")) is bool(seen)


async def answered(chat: Tavern, text: str) -> None:
    await chat.until(lambda: text in chat.texts()[-1] and chat.is_idle())
