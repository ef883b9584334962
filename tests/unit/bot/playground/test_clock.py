"""The clock that tests move, and the ids that carry its time."""

from bot.playground.world.clock import Clock, iso
from bot.playground.world.snowflake import Snowflakes, at, moment


async def test_moving_the_clock_makes_what_is_due() -> None:
    clock, made = Clock(), []
    clock.later(5, lambda: made.append("second"))
    clock.later(3, lambda: made.append("first"))
    never = clock.later(4, lambda: made.append("never"))
    never.cancel()
    clock.advance(2)
    assert made == []
    clock.advance(4)
    assert made == ["first", "second"]
    clock.close()


def test_ids_grow_and_tell_the_time() -> None:
    clock = Clock()
    snowflake = Snowflakes(clock)
    ids = [int(snowflake()) for _ in range(10_000)]
    assert ids == sorted(set(ids))
    assert abs(moment(str(ids[0])) - clock.now()) < 5
    clock.advance(3600)
    assert moment(snowflake()) - moment(str(ids[-1])) > 3500


def test_a_known_id() -> None:
    # From Discord's documentation on snowflakes.
    assert iso(moment("175928847299117063")) == "2016-04-30T11:18:25.796000+00:00"
    assert at(moment("175928847299117063")) == 175928847299117063 >> 22 << 22
