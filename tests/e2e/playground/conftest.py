"""A playground per test; what the bot asked it for must satisfy Discord's own description."""

import asyncio
import contextlib
import importlib.util
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bot.playground import Playground, two_servers
from tests.e2e.playground.helpers import Client, point, running
from tests.shared import SHARED


@pytest.fixture(scope="session")
def checker() -> ModuleType | None:
    """The request checker, where the reference material is at hand."""
    path = SHARED / "discord_spec_check.py"
    if not path.exists():
        return None
    found = importlib.util.spec_from_file_location("discord_spec_check", path)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest.fixture
def check_log(
    checker: ModuleType | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[[Playground], None]]:
    """Holds a playground's request log, answers included, to the description."""

    def check(playground: Playground) -> None:
        if checker is None or not playground.log.lines:
            return
        path = tmp_path / "requests.jsonl"
        playground.log.write(path)
        with warnings.catch_warnings():
            # The checker leaves closing its input to the interpreter.
            warnings.simplefilter("ignore", ResourceWarning)
            code = checker.main([str(path), "--responses"])
        assert code == 0, capsys.readouterr().out

    return check  # type: ignore[return-value]


@pytest.fixture
async def playground(
    monkeypatch: pytest.MonkeyPatch, check_log: Callable[[Playground], None]
) -> AsyncIterator[Playground]:
    """A playground whose requests and answers are checked at the end."""
    async with Playground.open(world=two_servers) as opened:
        point(monkeypatch, opened)
        yield opened
    check_log(opened)


@pytest.fixture
async def rough(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Playground]:
    """A playground for requests that are wrong on purpose."""
    async with Playground.open(world=two_servers) as opened:
        point(monkeypatch, opened)
        yield opened


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client's waits between two tries are shortened, not removed."""
    real = asyncio.sleep

    async def sleep(seconds: float, result: Any = None) -> Any:
        return await real(min(seconds, 0.05), result)

    monkeypatch.setattr(asyncio, "sleep", sleep)


@pytest.fixture
async def client(playground: Playground) -> AsyncIterator[Client]:
    """A client that is ready in the checked playground."""
    async with contextlib.AsyncExitStack() as stack:
        one = Client()
        await stack.enter_async_context(running(one, playground.token))
        yield one
