"""A tokenizer's file is fetched once, resumed, checked, and mended when damaged."""

import asyncio
import gzip
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from core.errors import DownloadFailed, TokenizerMissing
from core.reasons import Reason
from core.tokenizers.catalog import TokenizerRow
from core.tokenizers.store import Downloads, Progress, TokenizerStore
from core.tokenizers.tokenizer import Counting
from tests.unit.tokenizers.tiny import tiny_hf


@dataclass
class Host:
    """A server with one file; `cut` bytes are sent before the connection breaks."""

    data: bytes
    url: str = ""
    requests: list[str | None] = field(default_factory=list)
    cut: int | None = None
    silent: asyncio.Event | None = None
    """Nothing is sent before it is set."""

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request.headers.get("Range"))
        start = int((request.headers.get("Range") or "bytes=0-")[6:-1])
        body = self.data[start:]
        response = web.StreamResponse(status=206 if start else 200)
        response.content_length = len(body)
        await response.prepare(request)
        if self.silent is not None:
            await self.silent.wait()
        if self.cut is not None:
            await response.write(body[: self.cut])
            self.cut = None
            assert request.transport is not None
            request.transport.close()
            return response
        await response.write(body)
        return response


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    host = Host(gzip.compress(tiny_hf().encode()))
    app = web.Application()
    app.router.add_get("/tiny.json.gz", host.serve)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host.url = f"http://127.0.0.1:{runner.addresses[0][1]}/tiny.json.gz"
    yield host
    await runner.cleanup()


def row(host: Host) -> TokenizerRow:
    return TokenizerRow(
        id="tiny",
        name="Tiny",
        kind="hf",
        file="tiny.json.gz",
        url=host.url,
        bytes=len(host.data),
        sha256=hashlib.sha256(host.data).hexdigest(),
        unpacked_sha256=hashlib.sha256(gzip.decompress(host.data)).hexdigest(),
    )


async def test_one_download_for_all_who_wait(host: Host, tmp_path: Path) -> None:
    store = TokenizerStore(tmp_path)
    seen: list[Progress] = []
    counters = await asyncio.gather(*(store.counter(row(host), seen.append) for _ in range(5)))
    assert len(host.requests) == 1
    assert len(set(map(id, counters))) == 1
    assert Counting(counters[0])("low lower") > 0
    assert [progress.percent for progress in seen] == [100] * 5
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.json"]


async def test_a_silent_host_holds_up_nobody(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.tokenizers.store.SILENT_SECONDS", 0.1)
    monkeypatch.setattr("core.tokenizers.store.find", lambda name: row(host))
    host.silent = asyncio.Event()
    store = TokenizerStore(tmp_path)
    for _ in range(2):
        choice = await store.choose("tiny")
        assert isinstance(choice.fault, DownloadFailed)
        assert choice.fault.reason is Reason.SILENT_DOWNLOAD
    # The download goes on, once, and counts when it is there.
    host.silent.set()
    assert await store.counter(row(host)) is (await store.choose("tiny")).counter
    assert len(host.requests) == 1
    await store.close()


async def test_an_interrupted_download_goes_on_where_it_broke(host: Host, tmp_path: Path) -> None:
    host.cut = 100
    downloads = Downloads(tmp_path)
    with pytest.raises(DownloadFailed):
        await downloads.fetch(row(host))
    await downloads.fetch(row(host))
    assert host.requests[0] is None
    assert host.requests[1] == "bytes=100-"


async def test_a_wrong_file_is_refused_and_set_aside(host: Host, tmp_path: Path) -> None:
    honest = row(host)
    host.data = bytes(len(host.data))
    with pytest.raises(DownloadFailed):
        await Downloads(tmp_path).fetch(honest)
    assert not (tmp_path / "tiny.json").exists()
    assert (tmp_path / "tiny.json.gz.part.damaged").exists()


async def test_a_damaged_file_is_moved_aside_and_fetched_again(host: Host, tmp_path: Path) -> None:
    (tmp_path / "tiny.json").write_text("{broken")
    await TokenizerStore(tmp_path).counter(row(host))
    assert (tmp_path / "tiny.json.damaged").read_text() == "{broken"
    assert len(host.requests) == 1


async def test_a_file_put_there_by_hand_is_used_packed_or_not(host: Host, tmp_path: Path) -> None:
    store = TokenizerStore(tmp_path, downloads=False)
    with pytest.raises(TokenizerMissing):
        await store.counter(row(host))
    (tmp_path / "tiny.json.gz").write_bytes(host.data)
    await store.counter(row(host))
    assert host.requests == []


@pytest.mark.parametrize("packed", ["tiny.json.gz", "tiny.json"])
async def test_a_file_packed_by_somebody_else_is_used(
    host: Host, tmp_path: Path, packed: str
) -> None:
    wanted = row(host).model_copy(update={"file": packed, "url": f"{host.url}?none"})
    (tmp_path / "tiny.json.gz").write_bytes(gzip.compress(gzip.decompress(host.data), 1, mtime=7))
    await TokenizerStore(tmp_path, downloads=False).counter(wanted)
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.json"]


@pytest.mark.parametrize("size", [0, 40])
async def test_half_a_packed_file_is_set_aside(host: Host, tmp_path: Path, size: int) -> None:
    (tmp_path / "tiny.json.gz").write_bytes(host.data[:size])
    with pytest.raises(TokenizerMissing):
        await TokenizerStore(tmp_path, downloads=False).counter(row(host))
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.json.gz.damaged"]


async def test_without_network_the_estimate_stands_in(tmp_path: Path) -> None:
    choice = await TokenizerStore(tmp_path, downloads=False).choose("qwen2")
    assert choice.stands_in
    assert not choice.counter.tokenizer.is_exact
    assert Counting(choice.counter)("a" * 100) == 30
