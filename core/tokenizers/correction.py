"""Estimates drawn nearer to the truth by what servers report of earlier prompts."""

import json
from collections import OrderedDict

SMALLEST = 50
"""Tokens of a prompt below which a server's own additions would weigh too much."""
FARTHEST = (0.4, 3.0)
"""A report outside of these is no count of this prompt (a cached one, another unit)."""
WEIGHT = 0.3
STEP = 0.02
"""Smaller changes are not taken over, so that a window does not move with every reply."""
MODELS = 256


class Corrections:
    """One factor per model: reported tokens / estimated tokens, smoothed."""

    def __init__(self, stored: str = "") -> None:
        self._factors: OrderedDict[str, float] = OrderedDict()
        if stored:
            self._factors.update(_read(stored))

    def factor(self, model: str) -> float:
        """What an estimate for this model is multiplied with."""
        return self._factors.get(model, 1.0)

    def learn(self, model: str, estimated: int, reported: int) -> bool:
        """Takes a report into account; True where the factor changed."""
        if estimated < SMALLEST:
            return False
        seen = reported / estimated
        if not FARTHEST[0] <= seen <= FARTHEST[1]:
            return False
        old = self._factors.get(model)
        new = seen if old is None else old + WEIGHT * (seen - old)
        if old is not None and abs(new - old) < STEP:
            return False
        self._factors[model] = round(new, 3)
        self._factors.move_to_end(model)
        if len(self._factors) > MODELS:
            self._factors.popitem(last=False)
        return True

    def dump(self) -> str:
        """All factors, to be stored."""
        return json.dumps(self._factors)


def _read(stored: str) -> dict[str, float]:
    try:
        found = json.loads(stored)
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    low, high = FARTHEST
    return {
        model: float(factor)
        for model, factor in found.items()
        if isinstance(factor, int | float) and low <= factor <= high
    }
