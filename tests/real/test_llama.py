"""The bot talks with a real llama.cpp server: see README.md beside this file."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.playground import Playground
from core.options.table import REPLY_LENGTH
from tests.e2e.playground.conftest import check_log, checker
from tests.e2e.tavern.conftest import greeted
from tests.e2e.tavern.tavern import Tavern, labels, opened
from tests.real.server import interpreter, serving

__all__ = ["check_log", "checker"]

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("llama")


@pytest.fixture(scope="module")
def python() -> Path:
    return interpreter()


@pytest.fixture
async def url(python: Path, folder: Path) -> AsyncIterator[str]:
    async with serving(python, folder) as found:
        yield found


@pytest.fixture
async def chat(
    url: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    check_log: Callable[[Playground], None],
) -> AsyncIterator[Tavern]:
    async with opened(monkeypatch, tmp_path) as made:
        yield await greeted(made)
    check_log(made.playground)


@pytest.mark.parametrize(
    ("backend", "kind", "shape"),
    [
        ("openai-compatible", "text", "text completion"),
        ("openai-compatible", "chat", "chat completion"),
    ],
)
async def test_a_real_model_answers(
    chat: Tavern, url: str, backend: str, kind: str, shape: str
) -> None:
    await chat.set_everywhere(REPLY_LENGTH, 40)
    text = await chat.run("connect use", backend=backend, url=url, model="nonsense", kind=kind)
    assert "will answer here from now on" in text
    assert shape in text
    choices = await chat.ann.autocomplete(chat.room, "connect model use", "model", model="")
    assert [choice["value"] for choice in choices] == ["nonsense"]
    chat.ann.send(chat.room, "Is the road open?")

    def finished() -> bool:
        return len(chat.said()) == 2 and "Regenerate" in labels(chat.said()[-1])

    await chat.until(finished, within=60)
    first = chat.texts()[-1]
    assert not first.startswith("⚠"), first
    assert len(first.split()) > 3
    turn = (await chat.history())[-1]
    assert turn.text == first
    assert turn.swipes[0].model == "nonsense"
    chat.ann.press(chat.said()[-1], "Regenerate")
    await chat.until(lambda: "2/2" in labels(chat.said()[-1]), within=60)
    chat.ann.press(chat.said()[-1], "◀")
    await chat.until(lambda: chat.texts()[-1] == first)


async def test_the_connection_is_timed(chat: Tavern, url: str) -> None:
    await chat.run("connect use", backend="openai-compatible", url=url, model="nonsense")
    text = await chat.run("connect test", say="Hello!")
    assert "⚠" not in text
    assert "answers" in text
