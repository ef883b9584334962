"""The stand-in's clock: the real one, which a test may move forward instead of waiting."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime


class Timer:
    """A call that is due at some moment of the clock."""

    def __init__(self, clock: "Clock", due: float, call: Callable[[], None]) -> None:
        self._clock, self._due, self._call = clock, due, call
        self._handle: asyncio.TimerHandle | None = None
        self.arm()

    @property
    def due(self) -> float:
        return self._due

    def arm(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
        delay = max(0.0, self._due - self._clock.now())
        self._handle = asyncio.get_running_loop().call_later(delay, self.fire)

    def fire(self) -> None:
        self.cancel()
        self._call()

    def cancel(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._clock.forget(self)


class Clock:
    """Seconds since 1970, plus whatever a test has added."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._timers: set[Timer] = set()

    def now(self) -> float:
        return time.time() + self._ahead

    def later(self, seconds: float, call: Callable[[], None]) -> Timer:
        timer = Timer(self, self.now() + seconds, call)
        self._timers.add(timer)
        return timer

    def forget(self, timer: Timer) -> None:
        self._timers.discard(timer)

    def advance(self, seconds: float) -> None:
        """Moves the clock forward and makes every call that has become due, in order."""
        self._ahead += seconds
        for timer in sorted(self._timers, key=lambda timer: timer.due):
            if timer.due <= self.now():
                timer.fire()
            else:
                timer.arm()

    def close(self) -> None:
        for timer in list(self._timers):
            timer.cancel()


def iso(seconds: float) -> str:
    """Discord's way to write a moment: ISO 8601 in UTC with an offset."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")
