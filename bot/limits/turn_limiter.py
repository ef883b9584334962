"""How many turns a person and a server may take."""

import time
from collections.abc import Callable

from cachetools import LRUCache

from core.errors import LimitReached
from core.policy.sliding_window import SlidingWindow

# Decided with the limits themselves: per person in ten minutes, per server in an hour.
PERSON_SECONDS = 600.0
SERVER_SECONDS = 3600.0
_MOST_NOTICES = 10_000


class TurnLimiter:
    """Counts turns. A limit of 0 lets everything through."""

    def __init__(
        self, per_person: int, per_server: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._persons = SlidingWindow(per_person, PERSON_SECONDS, clock)
        self._servers = SlidingWindow(per_server, SERVER_SECONDS, clock)
        self._told: LRUCache[tuple[SlidingWindow, int], float] = LRUCache(_MOST_NOTICES)
        """Until when somebody was told to wait."""

    def count(self, person_id: int, server_id: int | None) -> LimitReached | None:
        """Counts one turn, or says why it is refused.

        Its fact `first` is true where this person or server has not been told yet: there is one
        notice, not many.
        """
        both = ((self._persons, person_id), (self._servers, server_id))
        uses = [(window, id_) for window, id_ in both if window.limit and id_ is not None]
        fullest = max(uses, key=lambda use: use[0].full_until(use[1]), default=None)
        if fullest is not None and (until := fullest[0].full_until(fullest[1])):
            first = self._told.get(fullest) != until
            self._told[fullest] = until
            return LimitReached(
                what="turns",
                limit=fullest[0].limit,
                seconds=until - self._clock(),
                first=first,
            )
        for window, id_ in uses:
            window.add(id_)
        return None
