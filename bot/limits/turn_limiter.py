"""How many turns a person and a server may take."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from cachetools import LRUCache

from core.policy.sliding_window import SlidingWindow

# Decided with the limits themselves: per person in ten minutes, per server in an hour.
PERSON_SECONDS = 600.0
SERVER_SECONDS = 3600.0
_MOST_NOTICES = 10_000


@dataclass(frozen=True, slots=True)
class Refusal:
    """A turn that is one too many."""

    limit: int
    seconds: float
    first: bool
    """Whether this person or server has not been told yet; there is one notice, not many."""


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

    def count(self, person_id: int, server_id: int | None) -> Refusal | None:
        """Counts one turn, or says why it is refused."""
        both = ((self._persons, person_id), (self._servers, server_id))
        uses = [(window, id_) for window, id_ in both if window.limit and id_ is not None]
        until, use = max(
            ((window.full_until(id_), (window, id_)) for window, id_ in uses),
            key=lambda found: found[0],
            default=(0.0, None),
        )
        if use is not None and until:
            first = self._told.get(use) != until
            self._told[use] = until
            return Refusal(use[0].limit, until - self._clock(), first)
        for window, id_ in uses:
            window.add(id_)
        return None
