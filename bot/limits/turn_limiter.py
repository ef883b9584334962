"""How many turns a person and a server may take."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

# Decided with the limits themselves: per person in ten minutes, per server in an hour.
PERSON_SECONDS = 600.0
SERVER_SECONDS = 3600.0
_KEPT = 10_000


@dataclass(slots=True)
class _Window:
    seconds: float
    most: int
    times: deque[float] = field(default_factory=deque)
    told: bool = False

    def wait(self, now: float) -> float:
        """Seconds until one more fits; 0 now."""
        while self.times and self.times[0] <= now - self.seconds:
            self.times.popleft()
            self.told = False
        if len(self.times) < self.most:
            return 0.0
        return self.times[0] + self.seconds - now if self.times else self.seconds


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
        self._limits = {
            "person": (PERSON_SECONDS, per_person),
            "server": (SERVER_SECONDS, per_server),
        }
        self._clock = clock
        self._windows: dict[tuple[str, int], _Window] = {}

    def take(self, person_id: int, server_id: int | None) -> Refusal | None:
        """Counts one turn, or says why it is refused."""
        now = self._clock()
        windows = [self._window("person", person_id)]
        if server_id is not None:
            windows.append(self._window("server", server_id))
        windows = [window for window in windows if window.most]
        waits = [(window.wait(now), window) for window in windows]
        wait, fullest = max(waits, key=lambda found: found[0], default=(0.0, None))
        if fullest is not None and wait > 0:
            first, fullest.told = not fullest.told, True
            return Refusal(fullest.most, wait, first)
        for window in windows:
            window.times.append(now)
        return None

    def _window(self, kind: str, id_: int) -> _Window:
        if len(self._windows) > _KEPT:
            now = self._clock()
            for window in self._windows.values():
                window.wait(now)
            self._windows = {key: window for key, window in self._windows.items() if window.times}
        return self._windows.setdefault((kind, id_), _Window(*self._limits[kind]))
