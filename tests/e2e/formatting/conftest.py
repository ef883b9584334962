"""A chat with stand-ins of servers and the real tokenizers' files at hand."""

import asyncio
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.playground.people.person import Invocation
from bot.playground.rules.components import walk
from core.backends.types import Request
from core.tokenizers.catalog import find
from tests.conformance.standin import Act, StandIn
from tests.e2e.connect.conftest import Stand, stand
from tests.e2e.tavern.conftest import chat, check_log, checker, mira, tavern
from tests.e2e.tavern.tavern import Json, Tavern, text_of
from tests.shared import shared_path
from tests.unit.tokenizers.tiny import SAMPLES

__all__ = ["Stand", "chat", "check_log", "checker", "mira", "stand", "tavern"]

GREETING = "*Mira looks up.* Well met, Ann."
GOLDEN: dict[str, dict[str, int]] = json.loads(
    (Path(__file__).parents[2] / "golden" / "tokens.json").read_text("utf-8")
)
Shelve = Callable[..., None]


@pytest.fixture
def shelve(tavern: Tavern) -> Shelve:
    """Puts real tokenizer files into the cache, as a person would; skips where there are none."""
    folder = tavern.settings.data_dir / "_cache"

    def put(*ids: str) -> None:
        folder.mkdir(exist_ok=True)
        for id_ in ids:
            file = find(id_).file
            shutil.copyfile(shared_path("tokenizers", file), folder / file)

    return put


async def counted(chat: Tavern, text: str) -> int:
    """What `/connect tokens` says."""
    told = await chat.run("connect tokens", text=text)
    found = re.match(r"\*\*(?:≈ )?([\d,]+)\*\* tokens", told)
    assert found is not None, told
    return int(found[1].replace(",", ""))


async def counts(chat: Tavern, *samples: str) -> dict[str, int]:
    """Counts of the named samples by command."""
    return {name: await counted(chat, SAMPLES[name]) for name in samples}


def golden(id_: str, *samples: str) -> dict[str, int]:
    """The counts of the tokenizer's own library."""
    return {name: GOLDEN[id_][name] for name in samples}


async def shown(chat: Tavern) -> str:
    """The line of `/connect show` about the tokenizer, with what stands below it."""
    text = await chat.run("connect show")
    assert "Tokenizer: " in text, text
    return text[text.index("Tokenizer: ") :]


async def ask(chat: Tavern, server: StandIn | None, text: str, *, said: str = "Hello!") -> Json:
    """Ann says something and is answered with `text`; the body of the last request."""
    if server is None:
        chat.will_say(text)
    else:
        server.acts.append(Act(pieces=[text]))
    chat.ann.send(chat.room, said)
    await chat.reply(text.strip())
    return server.replies[-1].body if server is not None else {}


async def stored(chat: Tavern, turns: int, within: float = 20.0) -> None:
    """Waits until the story has so many turns."""
    async with asyncio.timeout(within):
        # The store has no event for being written.
        while len(await chat.history()) < turns:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def prompt_of(chat: Tavern) -> str:
    """The exact prompt that `/chat prompt` gives: as a text of its own, else with the request."""
    message = await chat.answer("chat prompt")
    files = {file["filename"]: file for file in message["attachments"]}
    return chat.file(files.get("prompt.txt") or files["request.json"]).decode()


async def budget(chat: Tavern) -> str:
    """What `/chat prompt` says about tokens."""
    message = await chat.answer("chat prompt")
    (embed,) = message["embeds"]
    return str(next(field["value"] for field in embed["fields"] if field["name"] == "Budget"))


async def page(chat: Tavern) -> dict[str, str]:
    """The values of `/connect format` by their names."""
    return values_on(await chat.answer("connect format"))


def fields(message: Json) -> dict[str, str]:
    """An embed's fields."""
    return {field["name"]: field["value"] for field in message["embeds"][0]["fields"]}


def values_on(message: Json) -> dict[str, str]:
    """The values of a page by their names; those without effect begin with “-#”."""
    found: dict[str, str] = {}
    name = ""
    for line in text_of(message).splitlines():
        if value := re.match(r"\*\*([^*]+)\*\* (.*)|-# ([A-Z][^:]+): (.* — .*)", line):
            name = value[1] or value[3]
            found[name] = value[2] if value[1] else f"-# {value[4]}"
        elif name:
            found[name] += f"\n{line}"
    return found


def changes(message: Json) -> dict[str, str]:
    """What the select of a page changes: its values by their labels."""
    parts = [part for part, _ in walk(message["components"])]
    menus = [part for part in parts if part.get("placeholder") == "Change…"]
    return {one["label"]: one["value"] for part in menus for one in part["options"]}


def change(chat: Tavern, message: Json, label: str) -> Invocation:
    """Chooses a value to be changed."""
    parts = [part for part, _ in walk(message["components"])]
    (menu,) = [part for part in parts if part.get("placeholder") == "Change…"]
    return chat.ann.click(message, menu["custom_id"], changes(message)[label])


def last_request(chat: Tavern) -> Request:
    """What the rehearsal model was asked last."""
    return chat.script.requests[-1]


def number(text: str, pattern: str) -> int:
    """The first number that a pattern finds."""
    found = re.search(pattern, text)
    assert found is not None, text
    return int(found[1].replace(",", ""))


def textual(**changes: Any) -> Json:
    """What a text-generation-webui answers beside replies, without a token route."""
    return {
        "/v1/internal/model/info": {"model_name": "some-model", "loader": "llama.cpp"},
        "/v1/models": {"object": "list", "data": [{"id": "some-model"}]},
        **changes,
    }
