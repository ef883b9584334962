"""The bot comes back by itself from what discord.py does not survive, and says what is final."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

import pytest

from bot.client import Supervisor
from bot.playground import Playground, tavern
from core.errors import SettingsError
from core.secret import Secret
from core.settings import DiscordSettings, Settings
from tests.e2e.playground.helpers import eventually, point
from tests.e2e.runtime.conftest import ScriptedChat
from tests.e2e.runtime.script import ScriptedEngine


@contextlib.asynccontextmanager
async def supervised(
    monkeypatch: pytest.MonkeyPatch, playground: Playground, token: str = ""
) -> AsyncIterator[tuple[Supervisor, "asyncio.Task[None]", ScriptedEngine]]:
    point(monkeypatch, playground)
    monkeypatch.setattr("bot.client.collect", list)
    settings = Settings(discord=DiscordSettings(token=Secret(token or playground.token)))
    engine = ScriptedEngine(settings)
    supervisor = Supervisor(engine, ready_timeout=0.05, first_delay=0.01)  # type: ignore[arg-type]
    task = asyncio.create_task(supervisor.run())
    try:
        yield supervisor, task, engine
    finally:
        supervisor.stop()
        await asyncio.wait({task})


async def ready(supervisor: Supervisor, restarts: int = 0) -> None:
    def check() -> bool:
        bot = supervisor.bot
        return supervisor.restarts >= restarts and bot is not None and bot.is_ready()

    await eventually(check)


@pytest.fixture
async def playground() -> AsyncIterator[Playground]:
    async with Playground.open(world=tavern) as opened:
        yield opened


async def answer(playground: Playground, supervisor: Supervisor, engine: ScriptedEngine) -> None:
    assert supervisor.bot is not None
    chat = ScriptedChat(playground, engine, supervisor.bot)
    before = chat.texts()
    chat.ann.send(chat.room, "Hello!")
    await chat.settled(*before, "Well met.")


async def test_it_serves_until_it_is_told_to_stop(
    monkeypatch: pytest.MonkeyPatch, playground: Playground
) -> None:
    async with supervised(monkeypatch, playground) as (supervisor, task, engine):
        await ready(supervisor)
        await answer(playground, supervisor, engine)
        supervisor.stop()
        await asyncio.wait_for(task, 10)


async def test_a_malformed_event_costs_a_reconnect_and_no_more(
    monkeypatch: pytest.MonkeyPatch, playground: Playground
) -> None:
    async with supervised(monkeypatch, playground) as (supervisor, _task, engine):
        await ready(supervisor)
        await answer(playground, supervisor, engine)
        playground.fault("^EVENT MESSAGE_CREATE", "malform", count=1)
        playground.person("Ben").send(playground.channel("welcome"), "Anyone?")
        await ready(supervisor, restarts=1)
        await answer(playground, supervisor, engine)


async def test_a_refused_first_connection_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, playground: Playground
) -> None:
    playground.fault("^GET /(users/@me|gateway/bot)", "drop", count=2)
    async with supervised(monkeypatch, playground) as (supervisor, _task, engine):
        await ready(supervisor)
        await answer(playground, supervisor, engine)


async def test_a_wrong_token_is_final_and_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, playground: Playground
) -> None:
    async with supervised(monkeypatch, playground, token="x" * 60) as (_supervisor, task, _engine):
        with pytest.raises(SettingsError, match=r"discord_token\W+\(key=discord.token\)"):
            await asyncio.wait_for(task, 10)


@pytest.mark.parametrize("code", [4004, 4013])
async def test_final_closes_end_it(
    monkeypatch: pytest.MonkeyPatch, playground: Playground, code: int
) -> None:
    async with supervised(monkeypatch, playground) as (supervisor, task, _engine):
        await ready(supervisor)
        await playground.gateway.close_all(code)
        with pytest.raises(SettingsError):
            await asyncio.wait_for(task, 10)


async def test_without_the_content_intent_it_goes_on_and_names_the_switch(
    monkeypatch: pytest.MonkeyPatch, playground: Playground, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "bot")
    playground.state.application.intents["message_content"] = False
    async with supervised(monkeypatch, playground) as (supervisor, _task, engine):
        await ready(supervisor)
        assert supervisor.bot is not None
        assert not supervisor.bot.content_intent
        assert "Message Content Intent" in caplog.text
        chat = ScriptedChat(playground, engine, supervisor.bot)
        bot_mention = f"<@{playground.state.bot.id}>"
        chat.ann.send(chat.room, f"{bot_mention} hello")
        await chat.settled("Well met.")
        assert engine.heard[-1].addressed
