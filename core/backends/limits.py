"""How long and how much: the limits of every outgoing request."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """Seconds. `first` ends with the first text of the answer, `silence` counts after it."""

    first: float
    silence: float
    total: float
    connect: float = 10.0


CLOUD = TimeLimits(first=120, silence=60, total=600)
LOCAL = TimeLimits(first=600, silence=120, total=1800)
HORDE = TimeLimits(first=120, silence=60, total=1200)
QUICK = TimeLimits(first=15, silence=10, total=30)
"""For what answers at once: model lists, versions, token counts."""


@dataclass(frozen=True, slots=True)
class SizeLimits:
    """Bytes after decompression, counted while reading."""

    line: int = 1 << 20
    error: int = 64 << 10
    document: int = 16 << 20
    """A model list: OpenRouter's is about 1 MiB, gateways with every model there is have more."""
    answer: int = 2 << 20
    """A whole reply that came as one JSON document."""
    stream: int = 64 << 20
    text: int = 64 << 10
    """Characters of one reply; what comes after is not waited for."""


Pace = Literal["cloud", "local", "horde"]
"""Which of the time limits a row uses."""


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """Everything together; the operator may change the times."""

    cloud: TimeLimits = CLOUD
    local: TimeLimits = LOCAL
    horde: TimeLimits = HORDE
    quick: TimeLimits = QUICK
    size: SizeLimits = SizeLimits()
    poll: float = 2.5
    """Seconds between two questions where a reply is asked for again and again (Horde)."""

    def times(self, pace: Pace) -> TimeLimits:
        return {"cloud": self.cloud, "local": self.local, "horde": self.horde}[pace]
