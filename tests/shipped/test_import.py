"""Every preset through the commands: imported and used, seen by a server, exported, equal."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.standin import StandIn
from tests.e2e.connect.conftest import KOBOLDCPP
from tests.e2e.formatting.conftest import Stand, ask, chat, check_log, checker, mira, stand, tavern
from tests.e2e.tavern.tavern import Json, Tavern
from tests.shipped.package import content, preset_files
from tests.shipped.test_files import chunks, filled

__all__ = ["chat", "check_log", "checker", "mira", "stand", "tavern"]


async def brought(chat: Tavern, path: Path) -> str:
    files = [(path.name, path.read_bytes())]
    answer = await chat.answer("format preset import", file=0, files=files)
    return str(answer["content"])


async def exported(chat: Tavern, name: str) -> Any:
    answer = await chat.answer("format preset export", name=name)
    (attachment,) = answer["attachments"]
    return json.loads(chat.file(attachment))


async def home(chat: Tavern, stand: Stand, kind: str) -> StandIn:
    """A server of the make that a kind of presets is for, and a model there."""
    if kind == "novel":
        server = await stand("novelai")
        await chat.run(
            "connect use", backend="novelai", url=server.url, model="kayra-v1", kind="text"
        )
    elif kind == "openai":
        server = await stand("openai-chat")
        await chat.run("connect use", backend="openrouter", url=server.url, model="m")
    else:
        server = await stand("koboldcpp", KOBOLDCPP)
        await chat.run("connect use", backend="koboldcpp", url=server.url)
    return server


@pytest.mark.parametrize(
    "kind", ["context", "instruct", "sysprompt", "reasoning", "textgen", "kobold", "novel"]
)
async def test_every_preset_comes_back_equal(chat: Tavern, stand: Stand, kind: str) -> None:
    await home(chat, stand, kind)
    for path in preset_files(kind):
        given = json.loads(path.read_text("utf-8"))
        name = given.get("name") or path.stem
        told = await brought(chat, path)
        assert told.startswith(f"**{name}** is now used in this channel:"), told
        assert await exported(chat, name) == given, path
        assert f"Taken back: **{name}**" in await chat.run("format preset use", name="-")


SEEN: dict[str, dict[str, str]] = {
    "textgen": {"temp": "temperature", "top_p": "top_p", "min_p": "min_p", "rep_pen": "rep_pen"},
    "kobold": {"temp": "temperature", "rep_pen_range": "rep_pen_range", "typical": "typical"},
    "novel": {"temperature": "temperature", "order": "order", "mirostat_lr": "mirostat_lr"},
    "openai": {"temperature": "temperature", "top_a": "top_a", "openai_max_tokens": "max_tokens"},
}
"""Some keys of each kind as that server has them; all of them are looked at beside this."""


@pytest.mark.parametrize("kind", list(SEEN))
async def test_the_reply_after_an_import_is_asked_for_as_the_preset_says(
    chat: Tavern, stand: Stand, kind: str
) -> None:
    server = await home(chat, stand, kind)
    files = preset_files(kind)
    for number, path in enumerate([*files[:2], files[-1]]):
        given: Json = json.loads(path.read_text("utf-8"))
        await brought(chat, path)
        body = await ask(chat, server, f"Aye, {kind} {number}.")
        sent = body.get("parameters", body)
        for key, wire in SEEN[kind].items():
            if key in given:
                assert sent[wire] == given[key], (path.name, key)


async def test_the_prompt_list_is_laid_out_as_its_file_says(chat: Tavern, stand: Stand) -> None:
    server = await home(chat, stand, "openai")
    (path,) = preset_files("openai")
    given = json.loads(path.read_text("utf-8"))
    told = await brought(chat, path)
    assert f"Prompt list: {len(given['prompts'])} prompts" in told
    assert "`/connect use` sets those: `chat_completion_source`" in told
    body = await ask(chat, server, "Aye.")
    main = next(one for one in given["prompts"] if one["identifier"] == "main")
    start = main["content"].replace("{{char}}", "Mira").replace("{{user}}", "Ann")
    assert body["messages"][0] == {"role": "system", "content": start}
    assert any(one["content"] == given["new_chat_prompt"] for one in body["messages"])
    assert await exported(chat, path.stem) == given
    answer = await chat.answer("format preset export")
    assert json.loads(chat.file(answer["attachments"][0])) == given


async def test_every_card_and_lorebook_comes_back_equal(chat: Tavern) -> None:
    for path in content().glob("*.png"):
        if not (given := chunks(path.read_bytes())):
            continue
        files = [(path.name, path.read_bytes())]
        told = (await chat.answer("character import", file=0, files=files))["content"]
        name = given["chara"]["data"]["name"]
        assert name in told
        answer = await chat.answer("character export", character=name)
        again = chunks(chat.file(answer["attachments"][0]))
        for key, value in given["chara"]["data"].items():
            wanted = {"extensions": {}, **value} if key == "character_book" else value
            assert again["chara"]["data"][key] == wanted, key
    for path in content().glob("*.json"):
        document = json.loads(path.read_text("utf-8"))
        if "entries" not in document:
            continue
        files = [(path.name, path.read_bytes())]
        await chat.answer("lorebook import", file=0, files=files)
        answer = await chat.answer("lorebook export", book=path.stem)
        again = json.loads(chat.file(answer["attachments"][0]))
        assert {key: filled(entry) for key, entry in again["entries"].items()} == {
            key: filled(entry) for key, entry in document["entries"].items()
        }
