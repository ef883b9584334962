"""Stopping ends every reply within seconds, with what it has."""

import asyncio

import pytest

from bot.playground import Playground, tavern
from bot.supervisor import GRACE_SECONDS
from tests.e2e.runtime.conftest import Theatre, labels
from tests.e2e.runtime.test_supervisor import ready, supervised


@pytest.mark.parametrize("finishes", [True, False])
async def test_a_running_reply_is_finished_or_cut(
    monkeypatch: pytest.MonkeyPatch, finishes: bool
) -> None:
    async with Playground.open(world=tavern) as playground:
        more = asyncio.Event()
        async with supervised(monkeypatch, playground) as (supervisor, task, engine):
            await ready(supervisor)
            assert supervisor.bot is not None
            theatre = Theatre(playground, engine, supervisor.bot)
            engine.will_say("Half", more, " and whole.")
            theatre.ann.send(theatre.room, "Hello!")
            await theatre.until(lambda: theatre.texts() == ["Half"])
            supervisor.stop()
            theatre.ann.send(theatre.room, "Too late?")
            if finishes:
                more.set()
            await asyncio.wait_for(task, GRACE_SECONDS + 4)
            assert theatre.texts() == ["Half and whole." if finishes else "Half"]
            assert "Continue" in labels(theatre.said()[0])
            assert engine.turns[1].text == theatre.texts()[0]
