"""How often somebody may ask for something costly."""

import time
from collections import deque
from collections.abc import Callable

from core.errors import LimitReached


class Window:
    """At most `limit` uses in `seconds`, counted for each person."""

    def __init__(
        self, what: str, limit: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._what = what
        self._limit = limit
        self._seconds = seconds
        self._clock = clock
        self._uses: dict[int, deque[float]] = {}

    def enter(self, person_id: int) -> None:
        """Counts one use. Raises LimitReached (what, limit, seconds left)."""
        now = self._clock()
        self._forget(now)
        uses = self._uses.setdefault(person_id, deque())
        if len(uses) >= self._limit:
            left = round(uses[0] + self._seconds - now) + 1 if uses else 0
            raise LimitReached("too many at once", what=self._what, limit=self._limit, seconds=left)
        uses.append(now)

    def _forget(self, now: float) -> None:
        for person_id, uses in list(self._uses.items()):
            while uses and uses[0] <= now - self._seconds:
                uses.popleft()
            if not uses:
                del self._uses[person_id]
