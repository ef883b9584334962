"""Notices a model that has become slow, and says so once."""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

SLOW = 2.0
"""Tokens a second: below this the graphics card's memory has mostly spilled over (mission H16)."""
TIMES = 3
QUIET_SECONDS = 86_400.0
REMEMBERED = 1000


@dataclass(slots=True)
class SlowModelHint:
    """Counts slow replies in a row, per server and model."""

    clock: Callable[[], float] = time.monotonic
    _row: dict[Hashable, int] = field(default_factory=dict)
    _told: dict[Hashable, float] = field(default_factory=dict)

    def note(self, key: Hashable, rate: float) -> bool:
        """Takes one reply's tokens a second; True where the hint is due."""
        if rate >= SLOW:
            self._row.pop(key, None)
            return False
        if len(self._row) >= REMEMBERED:
            self._row.clear()
        self._row[key] = self._row.get(key, 0) + 1
        if self._row[key] < TIMES:
            return False
        del self._row[key]
        now = self.clock()
        if now - self._told.get(key, -QUIET_SECONDS) < QUIET_SECONDS:
            return False
        if len(self._told) >= REMEMBERED:
            self._told.clear()
        self._told[key] = now
        return True
