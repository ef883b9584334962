"""Discord ids: the time in milliseconds since 2015 in the upper bits, so clients can read it."""

from bot.playground.world.clock import Clock

DISCORD_EPOCH = 1_420_070_400_000


class Snowflakes:
    """Hands out ids as strings, each larger than the one before."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def __call__(self) -> str:
        self._last = max(at(self._clock.now()), self._last + 1)
        return str(self._last)


def at(seconds: float) -> int:
    """The smallest id of a moment given in seconds since 1970."""
    return (int(seconds * 1000) - DISCORD_EPOCH) << 22


def moment(snowflake: str) -> float:
    """Seconds since 1970 at which an id was made."""
    return ((int(snowflake) >> 22) + DISCORD_EPOCH) / 1000
