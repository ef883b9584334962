"""How often somebody may do something within a time."""

import pytest

from core.errors import LimitReached
from core.policy.sliding_window import SlidingWindow


def test_a_window_moves_on() -> None:
    now = 0.0
    window = SlidingWindow(2, 10, lambda: now)
    window.enter(1, "imports")
    now = 4
    window.enter(1, "imports")
    with pytest.raises(LimitReached) as caught:
        window.enter(1, "imports")
    assert caught.value.facts == {"what": "imports", "limit": 2, "seconds": 7}
    window.enter(2, "imports")
    now = 10
    window.enter(1, "imports")
    with pytest.raises(LimitReached):
        window.enter(1, "imports")


def test_a_limit_of_nothing_is_always_full() -> None:
    window = SlidingWindow(0, 10, lambda: 5.0)
    with pytest.raises(LimitReached):
        window.enter(1, "imports")
