"""The real bot in a playground, with an engine that says what the test wrote for it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from bot.client import TavernBot
from bot.playground import Person, Playground, tavern
from bot.playground.world.models import Channel
from core.settings import Settings
from tests.e2e.playground.conftest import check_log, checker
from tests.e2e.playground.helpers import point, running
from tests.e2e.runtime.script import ScriptedEngine

__all__ = ["check_log", "checker"]

Json = dict[str, Any]


class ScriptedChat:
    """A playground, the bot in it, and its engine."""

    def __init__(self, playground: Playground, engine: ScriptedEngine, bot: TavernBot) -> None:
        self.playground = playground
        self.engine = engine
        self.bot = bot
        self.ann: Person = playground.person("Ann")
        self.room: Channel = playground.channel("tavern")

    def said(self, room: Channel | None = None) -> list[Json]:
        """What the bot and its characters have on the screen."""
        bot_id = self.playground.state.bot.id
        messages = self.ann.sees(room or self.room)
        return [one for one in messages if one["author"]["id"] == bot_id or one.get("webhook_id")]

    def texts(self, room: Channel | None = None) -> list[str]:
        return [message["content"] for message in self.said(room)]

    async def until(self, check: Callable[[], Any], within: float = 30.0) -> Any:
        """The first true value of `check`; what it looks at may be outside the playground."""
        async with asyncio.timeout(within):
            while True:
                if found := check():
                    return found
                await asyncio.sleep(0.005)

    async def settled(self, *texts: str, room: Channel | None = None, within: float = 30.0) -> Json:
        """Waits until exactly these texts stand there, the last with the buttons of a reply."""

        def check() -> Json | None:
            shown = self.said(room)
            done = [one["content"] for one in shown] == list(texts)
            return shown[-1] if done and "Regenerate" in labels(shown[-1]) else None

        try:
            found: Json = await self.until(check, within)
        except TimeoutError:
            seen = [(one["content"][:200], labels(one)) for one in self.said(room)]
            raise AssertionError(f"on the screen: {seen}") from None
        return found

    def requests(self, method: str, part: str) -> list[Json]:
        """Requests the bot made."""
        lines = self.playground.log.lines
        return [line for line in lines if line["method"] == method and part in line["path"]]


def labels(message: Json) -> list[str]:
    return [button["label"] for row in message["components"] for button in row["components"]]


@contextlib.asynccontextmanager
async def opened(
    monkeypatch: pytest.MonkeyPatch,
    *,
    limits: str = "off",
    settings: Settings | None = None,
    **options: Any,
) -> AsyncIterator[ScriptedChat]:
    async with Playground.open(world=tavern, limits=limits) as playground:
        point(monkeypatch, playground)
        # Commands speak to parts of the engine that no script stands in for.
        monkeypatch.setattr("bot.client.collect", list)
        engine = ScriptedEngine(settings or Settings(), **options)
        bot = TavernBot(engine, ready_timeout=0.05)  # type: ignore[arg-type]
        async with running(bot, playground.token):
            yield ScriptedChat(playground, engine, bot)
            await bot.finish(4.0)


@pytest.fixture
async def chat(
    monkeypatch: pytest.MonkeyPatch, check_log: Callable[[Playground], None]
) -> AsyncIterator[ScriptedChat]:
    """Without rate limits; every request is checked against Discord's description."""
    async with opened(monkeypatch) as made:
        yield made
    check_log(made.playground)


@pytest.fixture
async def strict(
    monkeypatch: pytest.MonkeyPatch, check_log: Callable[[Playground], None]
) -> AsyncIterator[ScriptedChat]:
    """With Discord's rate limits as others observed them."""
    async with opened(monkeypatch, limits="realistic") as made:
        yield made
    check_log(made.playground)


@pytest.fixture
async def rough(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ScriptedChat]:
    """For faults: requests are not checked."""
    async with opened(monkeypatch) as made:
        yield made
