"""A tavern for each test; every request the bot made must satisfy Discord's own description."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.playground import Playground
from tests.e2e.playground.conftest import check_log, checker
from tests.e2e.tavern.tavern import MIRA, Tavern, opened

__all__ = ["check_log", "checker"]


@pytest.fixture
async def tavern(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    check_log: Callable[[Playground], None],
) -> AsyncIterator[Tavern]:
    """The bot is connected; nobody talks anywhere yet."""
    async with opened(monkeypatch, tmp_path) as made:
        yield made
    check_log(made.playground)
    nothing_pings(made.playground)


@pytest.fixture
async def mira(tavern: Tavern) -> Tavern:
    """Mira is imported; no chat is on."""
    await bring_mira(tavern)
    return tavern


@pytest.fixture
async def chat(tavern: Tavern) -> Tavern:
    """Mira answers every message in `room`, and has greeted."""
    return await greeted(tavern)


async def greeted(tavern: Tavern) -> Tavern:
    await bring_mira(tavern)
    await tavern.run("chat start", character="Mira")
    await tavern.settled("*Mira looks up.* Well met, Ann.")
    return tavern


async def bring_mira(tavern: Tavern) -> None:
    card = json.dumps(MIRA).encode()
    given = tavern.ann.command(tavern.room, "character import", file=0, files=[("mira.json", card)])
    assert "**Mira** is here" in (await given.response())["content"]


def nothing_pings(playground: Playground) -> None:
    """Every text the bot sent forbids all mentions."""
    for line in playground.log.lines:
        body = line["json"]
        if isinstance(body, dict) and line["method"] in ("POST", "PATCH"):
            data = body.get("data") if "/callback" in line["path"] else body
            if isinstance(data, dict) and data.get("content"):
                allowed = data.get("allowed_mentions")
                assert allowed is not None, line
                assert allowed.get("parse") == [], line
                assert not allowed.get("users"), line
                assert not allowed.get("replied_user"), line
