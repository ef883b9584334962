"""How often somebody may do something within a time."""

import math
import time
from collections import deque
from collections.abc import Callable, Hashable

from cachetools import TTLCache

from core.errors import LimitReached


class SlidingWindow:
    """At most `limit` uses in `seconds`, counted for each key. `clock` counts seconds."""

    def __init__(
        self, limit: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.limit = limit
        self._seconds = seconds
        self._clock = clock
        # A key is forgotten with its newest use.
        self._uses: TTLCache[Hashable, deque[float]] = TTLCache(math.inf, seconds, clock)

    def full_until(self, key: Hashable) -> float:
        """When one more use fits, by the clock; 0 where it fits now."""
        uses, now = self._uses.get(key, deque()), self._clock()
        while uses and uses[0] <= now - self._seconds:
            uses.popleft()
        if len(uses) < self.limit:
            return 0.0
        return (uses[0] if uses else now) + self._seconds

    def add(self, key: Hashable) -> None:
        self._uses[key] = uses = self._uses.get(key, deque())
        uses.append(self._clock())

    def enter(self, key: Hashable, what: str) -> None:
        """Counts one use. Raises LimitReached (what, limit, seconds left)."""
        if until := self.full_until(key):
            left = round(until - self._clock()) + 1
            raise LimitReached(what=what, limit=self.limit, seconds=left)
        self.add(key)
