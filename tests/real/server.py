"""llama-cpp-python's server with the tiny model, in an environment of its own."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import venv
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.shared import ROOT

PACKAGES = ("llama-cpp-python[server]", "gguf", "numpy")
# Works on any processor, and without OpenMP, which small machines may lack.
BUILD = "-DGGML_NATIVE=OFF -DGGML_OPENMP=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF"
START_SECONDS = 120


def interpreter() -> Path:
    """The Python that has the server; made where it is wanted, else the test is skipped."""
    if os.environ.get("TAVERN_FULL") != "1":
        pytest.skip("NOT TESTED: a real model server; TAVERN_FULL=1 compiles and runs one")
    named = os.environ.get("TAVERN_LLAMA")
    folder = Path(named) if named else ROOT / ".peers" / "llama"
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    if not named and not _has_server(python):
        venv.create(folder, with_pip=True)
        environment = {**os.environ, "CMAKE_ARGS": BUILD}
        install = [str(python), "-m", "pip", "install", "-q", *PACKAGES]
        subprocess.run(install, check=True, env=environment)
    return python


def _has_server(python: Path) -> bool:
    look = [str(python), "-c", "import llama_cpp.server, gguf"]
    return (
        python.exists() and subprocess.run(look, check=False, capture_output=True).returncode == 0
    )


def make_model(python: Path, model: Path) -> None:
    """Writes the tiny model."""
    maker = Path(__file__).with_name("make_model.py")
    subprocess.run([str(python), str(maker), str(model)], check=True)


@contextlib.asynccontextmanager
async def serving(python: Path, folder: Path) -> AsyncIterator[str]:
    """The address of a running server."""
    model = folder / "nonsense.gguf"
    await asyncio.to_thread(make_model, python, model)
    port = _free_port()
    process = await asyncio.create_subprocess_exec(
        *(str(python), "-m", "llama_cpp.server", "--model", str(model)),
        *("--model_alias", "nonsense", "--host", "127.0.0.1", "--port", str(port)),
        *("--n_ctx", "4096"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await _answers(f"http://127.0.0.1:{port}/v1/models", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _answers(url: str, process: asyncio.subprocess.Process) -> None:
    async with aiohttp.ClientSession() as session, asyncio.timeout(START_SECONDS):
        while process.returncode is None:
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(url) as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(0.1)
    raise AssertionError(f"the server ended with {process.returncode}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
