"""Stop strings as many as a backend takes; the rest is cut on our side."""

from collections.abc import Sequence

from core.backends.spec import Spec, Traits


def limited(stops: Sequence[str], spec: Spec, traits: Traits) -> list[str]:
    """The first stop strings that fit the limits, in the order given (most important first)."""
    found: list[str] = []
    for stop in stops:
        fits = spec.request.max_stop_length is None or len(stop) <= spec.request.max_stop_length
        if stop and fits and stop not in found:
            found.append(stop)
    if traits.max_stops is not None:
        found = found[: traits.max_stops]
    return within(found, spec.request.max_stop_total)


def within(stops: list[str], total: int | None) -> list[str]:
    """The first stops whose lengths together stay within `total` characters."""
    if total is None:
        return stops
    used = 0
    for index, stop in enumerate(stops):
        used += len(stop)
        if used > total:
            return stops[:index]
    return stops
