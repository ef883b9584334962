"""The host of tokenizers' files, on this machine."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from core.tokenizers import catalog
from tests.shared import shared_path


class FileHost:
    """Gives the real files. While `holds` is set each stops half-way until `go_on`."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.holds = False
        self.go_on = asyncio.Event()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        file = request.match_info["file"]
        self.asked.append(file)
        data = shared_path("tokenizers", file).read_bytes()
        response = web.StreamResponse()
        response.content_length = len(data)
        await response.prepare(request)
        await response.write(data[: len(data) // 2])
        if self.holds:
            await self.go_on.wait()
        await response.write(data[len(data) // 2 :])
        return response


@pytest.fixture
async def host(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FileHost]:
    """All tokenizers' files come from here; size and checksums stay those of the catalog."""
    shared_path("tokenizers")
    host, app = FileHost(), web.Application()
    app.router.add_get("/{file}", host.serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    rows = {
        id_: row.model_copy(update={"url": f"{url}/{row.file}"}) if row.url else row
        for id_, row in catalog.rows().items()
    }
    monkeypatch.setattr(catalog, "rows", lambda: rows)
    yield host
    host.go_on.set()
    await runner.cleanup()
