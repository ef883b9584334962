"""Notices a model that has become slow, and says so once."""

import time
from collections.abc import Callable, Hashable

from cachetools import LRUCache, TTLCache

SLOW = 2.0
"""Tokens a second: below this the graphics card's memory has mostly spilled over."""
TIMES = 3
QUIET_SECONDS = 86_400.0
REMEMBERED = 1000


class SlowModelHint:
    """Counts slow replies in a row, per server and model."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._in_a_row: LRUCache[Hashable, int] = LRUCache(REMEMBERED)
        self._told: TTLCache[Hashable, None] = TTLCache(REMEMBERED, QUIET_SECONDS, clock)

    def note(self, key: Hashable, rate: float) -> bool:
        """Takes one reply's tokens a second; True where the hint is due."""
        times = self._in_a_row.pop(key, 0) + 1
        if rate >= SLOW:
            return False
        if times < TIMES:
            self._in_a_row[key] = times
            return False
        if key in self._told:
            return False
        self._told[key] = None
        return True
