"""Tokenizers' files: fetched once, by hand, or not at all."""

import asyncio
import gzip
import hashlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from core.backends.rehearsal.rehearsal import ScriptedReply
from core.tokenizers import catalog
from core.tokenizers.catalog import TokenizerRow, find
from tests.e2e.formatting.conftest import (
    GREETING,
    Shelve,
    Stand,
    counts,
    golden,
)
from tests.e2e.formatting.test_overrides import text_backend
from tests.e2e.tavern.conftest import greeted, nothing_pings
from tests.e2e.tavern.tavern import Tavern, opened
from tests.unit.tokenizers.tiny import tiny_hf

NUMBERS = ("en", "ja", "story")


class Depot:
    """A server with a tokenizer's file; it waits in the middle until it is told to go on."""

    def __init__(self) -> None:
        self.data = gzip.compress(tiny_hf().encode() + b" " * 2_000_000, 0)
        self.asked = 0
        self.go_on = asyncio.Event()
        self.url = ""

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        response = web.StreamResponse()
        response.content_length = len(self.data)
        await response.prepare(request)
        half = len(self.data) // 2
        await response.write(self.data[:half])
        await self.go_on.wait()
        await response.write(self.data[half:])
        return response

    def row(self, id_: str) -> TokenizerRow:
        """The tokenizer's row, with this file instead of the real one."""
        given = find(id_)
        packed = hashlib.sha256(self.data).hexdigest()
        unpacked = hashlib.sha256(gzip.decompress(self.data)).hexdigest()
        new = {"url": self.url, "bytes": len(self.data), "sha256": packed}
        return given.model_copy(update={**new, "unpacked_sha256": unpacked})


@pytest.fixture
async def depot(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Depot]:
    """Qwen2's and Command-R's files come from here."""
    depot = Depot()
    app = web.Application()
    app.router.add_get("/file.json.gz", depot.serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    depot.url = f"http://127.0.0.1:{runner.addresses[0][1]}/file.json.gz"
    rows = {**catalog.rows(), **{id_: depot.row(id_) for id_ in ("qwen2", "command-r")}}
    monkeypatch.setattr(catalog, "rows", lambda: rows)
    yield depot
    depot.go_on.set()
    await runner.cleanup()


@pytest.fixture
async def online(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, check_log: Callable[[Any], None], depot: Depot
) -> AsyncIterator[Tavern]:
    """A chat whose bot may fetch tokenizers."""
    changes = {"enableDownloadableTokenizers": True}
    async with opened(monkeypatch, tmp_path, **changes) as made:
        yield await greeted(made)
    check_log(made.playground)
    nothing_pings(made.playground)


async def qwen(chat: Tavern, stand: Stand) -> None:
    server = await stand("openai-chat")
    await chat.run("connect use", backend="openrouter", url=server.url, model="qwen/qwen-2.5-72b")


async def test_a_reply_that_waits_for_it_shows_how_far_it_is(online: Tavern, depot: Depot) -> None:
    await online.run("connect use", backend="rehearsal", kind="text")
    await online.run("connect tokenizer", set="command-r")
    online.script.replies.append(ScriptedReply("At last."))
    online.ann.send(online.room, "Hello!")
    await online.until(lambda: "once): 4" in online.texts()[-1] or "once): 5" in online.texts()[-1])
    assert online.texts()[-1].startswith(
        "-# ⏳ Downloading the tokenizer Command-R (only this once): "
    )
    assert online.script.requests == []
    depot.go_on.set()
    await online.settled(GREETING, "At last.")
    assert depot.asked == 1


async def test_llama_3_stands_in_where_it_is_at_hand(
    chat: Tavern, stand: Stand, shelve: Shelve
) -> None:
    shelve("llama3")
    await qwen(chat, stand)
    assert await counts(chat, *NUMBERS) == golden("llama3", *NUMBERS)
    assert "so Llama 3 / 3.1 is used instead" in await chat.run("connect tokens", text="Hello!")


async def test_a_damaged_file_is_named_moved_aside_and_stood_in_for(
    chat: Tavern, stand: Stand, caplog: pytest.LogCaptureFixture
) -> None:
    await text_backend(chat, stand)
    folder = chat.settings.data_dir / "_cache"
    folder.mkdir(exist_ok=True)
    (folder / "llama.model").write_bytes(b"broken")
    told = await chat.run("connect tokens", text="a" * 100)
    assert "**≈ 30** tokens" in told
    assert "so estimate (3.35 bytes per token) is used instead" in told
    assert (folder / "llama.model.damaged").read_bytes() == b"broken"
    assert "llama.model is damaged" in caplog.text


async def test_what_stands_in_is_said_once_in_the_terminal(
    chat: Tavern, stand: Stand, caplog: pytest.LogCaptureFixture
) -> None:
    server = await stand("openai-text")
    await chat.run("connect use", backend="mancer", url=server.url, model="m", kind="text")
    for text in ("One.", "Two."):
        chat.ann.send(chat.room, "Hello!")
        await chat.until(lambda: len(server.replies) >= 1)
        await chat.run("connect tokens", text=text)
    told = [
        record.message
        for record in caplog.records
        if "another tokenizer stands in" in record.message
    ]
    assert len(told) == 1
