"""Stopping ends every reply within seconds, with what it has."""

import asyncio

import pytest

from bot.client import GRACE_SECONDS
from bot.playground import Playground, tavern
from tests.e2e.runtime.conftest import ScriptedChat, labels
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
            chat = ScriptedChat(playground, engine, supervisor.bot)
            engine.will_say("Half", more, " and whole.")
            chat.ann.send(chat.room, "Hello!")
            await chat.until(lambda: chat.texts() == ["Half"])
            supervisor.stop()
            chat.ann.send(chat.room, "Too late?")
            if finishes:
                more.set()
            await asyncio.wait_for(task, GRACE_SECONDS + 4)
            assert chat.texts() == ["Half and whole." if finishes else "Half"]
            assert "Continue" in labels(chat.said()[0])
            assert engine.turns[1].text == chat.texts()[0]
