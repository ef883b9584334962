"""What servers list, kept for a while: a list may be long, and people type letter by letter."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass

from cachetools import LRUCache

from core.backends.types import Model

FRESH_SECONDS = 60.0
SILENT_SECONDS = 5.0
"""After a failed question the server is not asked again this long by suggestions."""
MOST = 64
"""Servers whose lists are kept."""

Ask = Callable[[], Awaitable[list[Model]]]


@dataclass(slots=True)
class _Kept:
    """`models` is the newest list that came; `until`: how long it need not be asked for again."""

    models: list[Model]
    until: float


class ModelLists:
    """One question at a time for each server; what comes late is kept for the next to ask."""

    def __init__(self) -> None:
        self._kept: LRUCache[Hashable, _Kept] = LRUCache(MOST)
        self._asking: dict[Hashable, asyncio.Task[list[Model]]] = {}
        self._running: set[asyncio.Task[list[Model]]] = set()

    async def get(self, key: Hashable, ask: Ask) -> list[Model]:
        """The list, not older than a minute. Raises what asking raises."""
        kept = self._kept.get(key)
        if kept is not None and kept.models and time.monotonic() < kept.until:
            return kept.models
        return await asyncio.shield(self._ask(key, ask))

    async def soon(self, key: Hashable, ask: Ask, patience: float) -> list[Model]:
        """What is there after `patience` seconds, perhaps an older list or nothing.

        An older list is given at once and renewed in the background. Never raises.
        """
        kept = self._kept.get(key)
        if kept is not None and time.monotonic() < kept.until:
            return kept.models
        asking = self._ask(key, ask)
        if kept is None or not kept.models:
            await asyncio.wait({asking}, timeout=patience)
        kept = self._kept.get(key)
        return kept.models if kept is not None else []

    def forget(self, chosen: Callable[[Hashable], bool]) -> None:
        """The lists of these keys are asked for anew."""
        for keys in (self._kept, self._asking):
            for key in [key for key in keys if chosen(key)]:
                del keys[key]

    async def close(self) -> None:
        """Ends the questions that are under way."""
        running = [*self._running]
        for one in running:
            one.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _ask(self, key: Hashable, ask: Ask) -> asyncio.Task[list[Model]]:
        asking = self._asking.get(key)
        if asking is None:
            asking = self._asking[key] = asyncio.ensure_future(ask())
            self._running.add(asking)
            asking.add_done_callback(lambda asked: self._told(key, asked))
        return asking

    def _told(self, key: Hashable, asked: "asyncio.Task[list[Model]]") -> None:
        self._running.discard(asked)
        if self._asking.get(key) is not asked:
            return  # forgotten in the meantime
        del self._asking[key]
        if asked.cancelled():
            return
        if asked.exception() is None:
            self._kept[key] = _Kept(asked.result(), time.monotonic() + FRESH_SECONDS)
            return
        before = self._kept.get(key)
        models = before.models if before is not None else []
        self._kept[key] = _Kept(models, time.monotonic() + SILENT_SECONDS)
