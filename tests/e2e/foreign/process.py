"""The product as its own process, pointed at the foreign server by its environment alone."""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from tests.e2e.foreign.server import TOKEN, Server

ROOT = Path(__file__).parents[3]
REHEARSAL = {"name": "House model", "backend": "rehearsal", "default": True}


class Process:
    """`python -m bot run` in a folder of its own."""

    def __init__(self, server: Server, folder: Path, *connections: dict[str, Any]) -> None:
        self.server = server
        self.folder = folder
        self.connections = connections or (REHEARSAL,)

    def environment(self) -> dict[str, str]:
        clean = {key: value for key, value in os.environ.items() if not key.startswith("TAVERN_")}
        address = self.server.url
        return clean | {
            "PYTHONPATH": str(ROOT),
            "TAVERN_DISCORD__TOKEN": TOKEN,
            "TAVERN_DISCORD__API_URL": f"http://{address}/api/v10",
            "TAVERN_DISCORD__GATEWAY_URL": f"ws://{address}/socket/",
            "TAVERN_DISCORD__CDN_URL": f"http://{address}/cdn",
            "TAVERN_DATA_DIR": str(self.folder / "data"),
            "TAVERN_CONNECTIONS": json.dumps(self.connections),
            "TAVERN_ENABLEDOWNLOADABLETOKENIZERS": "false",
        }

    async def start(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", cwd=self.folder, env=self.environment(),
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.subprocess.Process]:
        """From its login to its end; its log is shown where the test fails."""
        logins = self.server.identified
        process = await self.start()
        lines: list[str] = []
        reading = asyncio.create_task(_read(process, lines))
        try:
            await self.server.until(
                lambda: self.server.identified > logins or process.returncode is not None
            )
            await self.server.until(
                lambda: (
                    any("connected as" in line for line in lines) or process.returncode is not None
                )
            )
            assert process.returncode is None
            yield process
        except BaseException:
            print("".join(lines[-60:]))
            raise
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()
            await reading
        assert not [line for line in lines if "Traceback" in line], "".join(lines)


async def _read(process: asyncio.subprocess.Process, lines: list[str]) -> None:
    assert process.stderr is not None
    async for line in process.stderr:
        lines.append(line.decode(errors="replace"))
