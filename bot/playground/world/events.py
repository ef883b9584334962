"""Everything that happens, as one stream that gateway sessions, pages and tests listen to."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from bot.playground.rules.errors import Json
from bot.playground.world.models import Channel, Message


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, named as Discord's gateway names it.

    `audience` limits it to one person; the bot hears of it only when `for_bot`, people's pages
    only when `for_people`.
    """

    type: str
    data: Json
    guild_id: str | None = None
    channel: Channel | None = None
    message: Message | None = None
    audience: str | None = None
    for_bot: bool = True
    for_people: bool = True


T = TypeVar("T")
Listener = Callable[[Event], None]


class Bus:
    """Hands each event to every listener, in order, at once."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._woken: set[asyncio.Event] = set()
        self.is_closed = False

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Adds a listener; call what is returned to remove it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def publish(self, event: Event) -> None:
        for listener in tuple(self._listeners):
            listener(event)
        self.wake()

    def close(self) -> None:
        """The last event; whoever passes events on ends by it."""
        self.is_closed = True
        self.publish(Event("CLOSING", {}, for_bot=False))

    def wake(self) -> None:
        """Lets everyone who waits for a condition look again."""
        for woken in self._woken:
            woken.set()

    async def until(self, check: Callable[[], T | None], within: float) -> T:
        """The first true value of `check`, tried now and after everything that happens.

        Raises TimeoutError after `within` seconds.
        """
        woken = asyncio.Event()
        self._woken.add(woken)
        try:
            async with asyncio.timeout(within):
                while not (found := check()):
                    woken.clear()
                    await woken.wait()
                return found
        finally:
            self._woken.discard(woken)
