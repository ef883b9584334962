"""The bot with a real model behind it, in both kinds."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.playground import Playground
from tests.e2e.tavern.conftest import check_log, checker, greeted
from tests.e2e.tavern.tavern import Tavern, opened

__all__ = ["check_log", "checker"]


@pytest.fixture
async def chat(
    llama: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    check_log: Callable[[Playground], None],
) -> AsyncIterator[Tavern]:
    """Mira answers in a channel."""
    async with opened(monkeypatch, tmp_path) as made:
        yield await greeted(made)
    check_log(made.playground)


@pytest.mark.full
@pytest.mark.parametrize("kind", ["text", "chat"])
async def test_a_real_model_answers(chat: Tavern, llama: str, kind: str) -> None:
    told = await chat.run("connect use", backend="openai-compatible", url=llama, kind=kind)
    assert "answers here from now on" in told
    await chat.run("connect model use", model="tiny")
    before = chat.said()[-1]["id"]
    chat.ann.send(chat.room, "What do you see from the tower?")

    def ended() -> bool:
        shown = chat.said()[-1]
        return shown["id"] != before and "Regenerate" in str(shown["components"])

    await chat.until(ended, within=120)
    reply = (await chat.history())[-1]
    assert reply.text.strip()
    swipe = reply.swipes[reply.active]
    assert swipe.model == "tiny"
    assert swipe.reply_tokens is None or swipe.reply_tokens > 0
