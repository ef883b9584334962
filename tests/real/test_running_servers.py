"""The bot talks with servers that somebody has started: see README.md beside this file."""

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.playground import Playground
from core.options.table import REPLY_LENGTH
from tests.e2e.playground.conftest import check_log, checker
from tests.e2e.tavern.conftest import greeted
from tests.e2e.tavern.tavern import Tavern, labels, opened

__all__ = ["check_log", "checker"]

pytestmark = pytest.mark.full


@pytest.fixture
async def chat(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, check_log: Callable[[Playground], None]
) -> AsyncIterator[Tavern]:
    async with opened(monkeypatch, tmp_path) as made:
        yield await greeted(made)
    check_log(made.playground)


def named(variable: str) -> str:
    """The address in an environment variable; skips, saying so, where there is none."""
    url = os.environ.get(variable, "")
    if not url:
        pytest.skip(f"NOT TESTED: {variable} names no running server")
    return url


async def talk(chat: Tavern, **connection: Any) -> str:
    """Connects, says something and gives the reply."""
    await chat.set_everywhere(REPLY_LENGTH, 40)
    key = connection.pop("key", "")
    text = await chat.run("connect use", **connection)
    assert "will answer here from now on" in text
    if key:
        await chat.form("connect key", {"key": key})
    shown = len(chat.said())
    chat.ann.send(chat.room, "Is the road open?")

    def finished() -> bool:
        return len(chat.said()) > shown and "Regenerate" in labels(chat.said()[-1])

    await chat.until(finished, within=60)
    reply = chat.texts()[-1]
    assert not reply.startswith("⚠"), reply
    assert (await chat.history())[-1].text == reply
    return reply


@pytest.mark.parametrize("kind", ["text", "chat"])
async def test_llama_server(chat: Tavern, kind: str) -> None:
    """`llama-server --model FILE`, at the address in TAVERN_LLAMA_SERVER."""
    url = named("TAVERN_LLAMA_SERVER")
    reply = await talk(chat, backend="llamacpp", url=url, kind=kind)
    assert len(reply.split()) > 3
    shown = await chat.run("connect show")
    assert "Context" in shown


async def test_litellm(chat: Tavern) -> None:
    """LiteLLM's proxy with a model `mock-gpt` and the key `sk-test`, in TAVERN_LITELLM."""
    url = named("TAVERN_LITELLM")
    reply = await talk(
        chat, backend="openai-compatible", url=url, kind="chat", model="mock-gpt", key="sk-test"
    )
    assert "tavern roof" in reply
