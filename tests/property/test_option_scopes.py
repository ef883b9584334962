"""Whatever rows lie in reach, the narrowest valid one holds, and `why` names it."""

from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.chat.place import Scope
from core.options.table import (
    CONNECTION,
    LADDER,
    LANGUAGE,
    OPTIONS,
    REPLY_LENGTH,
    Option,
    Stored,
    resolve,
)

ROWS: list[Option[Any]] = [REPLY_LENGTH, CONNECTION, LANGUAGE]
VALUES = st.one_of(st.integers(-5, 70_000), st.text(max_size=8), st.none(), st.booleans())


@st.composite
def stored(draw: st.DrawFn) -> list[Stored]:
    keys = st.sampled_from([*(option.key for option in ROWS), "unknown"])
    places = draw(st.lists(st.tuples(keys, st.sampled_from(list(Scope))), unique=True))
    return [Stored(scope, draw(st.integers(0, 9)), key, draw(VALUES)) for key, scope in places]


def holds(row: Stored) -> bool:
    option = OPTIONS.get(row.key)
    if option is None or row.scope not in option.scopes:
        return False
    if option is REPLY_LENGTH:
        return type(row.value) is int and 1 <= row.value <= 65_536
    if option is CONNECTION and row.value is None:
        return True
    return isinstance(row.value, str) and "\n" not in row.value


@given(stored())
def test_the_narrowest_valid_value_holds(rows: list[Stored]) -> None:
    resolved = resolve(OPTIONS, rows)
    for option in ROWS:
        valid = [row for row in rows if row.key == option.key and holds(row)]
        if not valid:
            assert resolved[option] == option.default
            assert resolved.why(option) is None
            continue
        winner = min(valid, key=lambda row: LADDER.index(row.scope))
        assert resolved[option] == winner.value
        assert resolved.why(option) == (winner.scope, winner.scope_id)


@given(stored(), st.randoms())
def test_the_order_of_rows_does_not_matter(rows: list[Stored], dice: Random) -> None:
    shuffled = list(rows)
    dice.shuffle(shuffled)
    before, after = resolve(OPTIONS, rows), resolve(OPTIONS, shuffled)
    assert before == after
