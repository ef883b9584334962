"""Keeps the bot connected: starts it again after faults that discord.py does not survive."""

import asyncio
import logging
import random
import signal
import time
from contextlib import suppress

import discord

from bot.client import TavernBot
from bot.limits.requests import TROUBLE, Failure, failure_of
from core.engine import Engine
from core.errors import SettingsError
from core.reasons import Reason

log = logging.getLogger(__name__)

# Running replies have this long to end when the bot is to stop.
GRACE_SECONDS = 8.0
_LONGEST_DELAY = 60.0
_STABLE_SECONDS = 60.0

_FINAL = {
    4004: Reason.DISCORD_TOKEN,
    4010: Reason.DISCORD_SHARDS,
    4011: Reason.DISCORD_SHARDS,
    4012: Reason.DISCORD_VERSION,
    4013: Reason.DISCORD_INTENTS,
}
_SWITCH = (
    "Discord refuses the message content intent. Characters now answer only where they are "
    "mentioned, and to slash commands. To change that, turn on “Message Content Intent” under "
    "Bot on https://discord.com/developers/applications/%s and restart."
)


class Supervisor:
    """`bot` is the present connection, None before the first."""

    def __init__(
        self, engine: Engine, *, ready_timeout: float = 2.0, first_delay: float = 1.0
    ) -> None:
        self.bot: TavernBot | None = None
        self.restarts = 0
        self._engine = engine
        self._ready_timeout = ready_timeout
        self._first_delay = first_delay
        self._content = True
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Asks `run` to end; running replies are finished or cut first."""
        self._stopping.set()

    def stop_on_signals(self) -> None:
        """SIGTERM and Ctrl+C let running replies end before the process does."""
        for name in (signal.SIGINT, signal.SIGTERM):
            # Windows has no such handlers; there Ctrl+C ends asyncio.run by itself.
            with suppress(NotImplementedError):
                asyncio.get_running_loop().add_signal_handler(name, self.stop)

    async def run(self) -> None:
        """Serves until `stop`. Raises SettingsError where trying again is no use."""
        delay = self._first_delay
        while not self._stopping.is_set():
            started = time.monotonic()
            try:
                await self._serve()
            except discord.PrivilegedIntentsRequired:
                self._without_content()
                continue
            except discord.LoginFailure:
                raise SettingsError(Reason.DISCORD_TOKEN, key="discord.token") from None
            except discord.ConnectionClosed as closed:
                if closed.code in _FINAL:
                    raise SettingsError(_FINAL[closed.code], key="discord") from None
                log.warning("the connection to Discord ended: %s", closed)
            except Exception as error:
                ours = error if failure_of(error) is not Failure.PASSING else None
                log.error("the connection to Discord failed: %r", error, exc_info=ours)
            if self._stopping.is_set():
                return
            delay = self._first_delay if time.monotonic() - started > _STABLE_SECONDS else delay
            await self._pause(delay * random.uniform(0.8, 1.2))
            delay = min(delay * 2, _LONGEST_DELAY)
            self.restarts += 1

    async def _serve(self) -> None:
        bot = self.bot = TavernBot(
            self._engine, content_intent=self._content, ready_timeout=self._ready_timeout
        )
        serving = asyncio.create_task(bot.start(self._engine.settings.discord.token.reveal()))
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if serving.done():
                await serving
        finally:
            stopping.cancel()
            await bot.finish(GRACE_SECONDS)
            with suppress(*TROUBLE):
                await bot.close()
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)

    def _without_content(self) -> None:
        if not self._content:
            raise SettingsError(Reason.DISCORD_INTENTS, key="discord")
        self._content = False
        application = self.bot.application_id if self.bot is not None else None
        log.warning(_SWITCH, application or "")

    async def _pause(self, seconds: float) -> None:
        log.info("connecting again in %.0f seconds", seconds)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
