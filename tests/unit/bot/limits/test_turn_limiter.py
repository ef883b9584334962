"""How many turns a person and a server get."""

import pytest

from bot.limits.turn_limiter import PERSON_SECONDS, TurnLimiter
from core.errors import LimitReached

ANN, BEN, INN = 1, 2, 10


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def facts(refusal: LimitReached) -> tuple[object, ...]:
    return refusal.facts["limit"], refusal.facts["seconds"], refusal.facts["first"]


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_person_gets_so_many_turns_and_one_notice(clock: Clock) -> None:
    turn_limiter = TurnLimiter(3, 100, clock)
    for _ in range(3):
        assert turn_limiter.count(ANN, INN) is None
        clock.now += 60
    refusal = turn_limiter.count(ANN, INN)
    assert refusal is not None
    assert facts(refusal) == (3, PERSON_SECONDS - 180, True)
    again = turn_limiter.count(ANN, INN)
    assert again is not None
    assert not again.facts["first"]
    assert turn_limiter.count(BEN, INN) is None


def test_turns_come_back_one_by_one(clock: Clock) -> None:
    turn_limiter = TurnLimiter(2, 100, clock)
    assert turn_limiter.count(ANN, None) is None
    clock.now = 100
    assert turn_limiter.count(ANN, None) is None
    clock.now = PERSON_SECONDS
    assert turn_limiter.count(ANN, None) is None
    refusal = turn_limiter.count(ANN, None)
    assert refusal is not None
    assert refusal.facts["seconds"] == 100
    assert refusal.facts["first"]


def test_a_server_has_a_limit_of_its_own(clock: Clock) -> None:
    turn_limiter = TurnLimiter(100, 3, clock)
    for person in range(3):
        assert turn_limiter.count(person, INN) is None
    assert turn_limiter.count(9, INN) is not None
    assert turn_limiter.count(9, 11) is None
    assert turn_limiter.count(9, None) is None


def test_a_refused_turn_costs_nothing(clock: Clock) -> None:
    turn_limiter = TurnLimiter(1, 1, clock)
    assert turn_limiter.count(ANN, INN) is None
    assert turn_limiter.count(BEN, INN) is not None
    assert turn_limiter.count(BEN, 11) is None


def test_zero_is_no_limit(clock: Clock) -> None:
    turn_limiter = TurnLimiter(0, 0, clock)
    assert all(turn_limiter.count(ANN, INN) is None for _ in range(1000))
