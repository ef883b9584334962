"""A real model's server: llama-cpp-python with a tiny model made on the spot.

Only with TAVERN_FULL=1: the first run compiles llama.cpp into `.peers/`, which takes ten minutes.
"""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.shared import ROOT

PEERS = ROOT / ".peers"
BUILD = "-DGGML_NATIVE=OFF -DGGML_OPENMP=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF"


@pytest.fixture(scope="session")
def python() -> Path:
    """An interpreter that has the server, built once."""
    if not os.environ.get("TAVERN_FULL"):
        pytest.skip("NOT TESTED: a real model's server; TAVERN_FULL=1 compiles and runs one")
    folder = "Scripts" if sys.platform == "win32" else "bin"
    python = PEERS / "venv" / folder / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", PEERS / "venv"], check=True)
    found = subprocess.run([python, "-c", "import llama_cpp.server, gguf"], capture_output=True)
    if found.returncode:
        environment = {**os.environ, "CMAKE_ARGS": BUILD}
        packages = ["gguf", "numpy", "llama-cpp-python[server]"]
        subprocess.run(
            [python, "-m", "pip", "install", "-q", *packages], check=True, env=environment
        )
    return python


@pytest.fixture
async def llama(python: Path) -> AsyncIterator[str]:
    """The address of a running server."""
    model = PEERS / "tiny.gguf"
    if not model.exists():
        maker = Path(__file__).with_name("tiny_gguf.py")
        subprocess.run([python, maker, model], check=True)  # noqa: ASYNC221
    port = _free_port()
    options = ["--model", model, "--model_alias", "tiny", "--host", "127.0.0.1", "--n_ctx", "4096"]
    process = await asyncio.create_subprocess_exec(
        *map(str, [python, "-m", "llama_cpp.server", *options, "--port", port]),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await _answers(f"http://127.0.0.1:{port}/v1/models")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


async def _answers(url: str) -> None:
    async with asyncio.timeout(60), aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(url) as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)
