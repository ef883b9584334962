"""Keys whose expansion is beyond all measure cost themselves, never the turn."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.patterns.matcher import MatchResult, SafeMatcher
from core.patterns.pattern import parse_literal

bounds = st.one_of(
    st.sampled_from(["*", "+", "?", "{1,1000}", "{0,400}", "{1000}", "{1,100000}", "{99999}"]),
    st.tuples(st.integers(0, 2000), st.integers(0, 2000)).map(
        lambda pair: f"{{{min(pair)},{max(pair)}}}"
    ),
)
atoms = st.sampled_from(["a", r"\S", "[a-z]", "dragon", "(?:a|b|c)", "a?", r"\b", "(?=a)"])
patterns = st.recursive(
    atoms,
    lambda inner: st.tuples(st.lists(inner, min_size=1, max_size=3), bounds).map(
        lambda pair: f"(?:{''.join(pair[0])}){pair[1]}"
    ),
    max_leaves=12,
)


@settings(max_examples=300)
@given(patterns)
def test_the_work_of_any_nesting_is_a_number(source: str) -> None:
    pattern = parse_literal(f"/{source}/")
    assert pattern is None or pattern.refused or not math.isnan(pattern.work)


@pytest.mark.parametrize(
    "key",
    [
        "/((a{1,1000}){1,1000}){1,1000}/",
        r"/(?:\S{1,10}\s){0,400}dragon/",
        "/(?:(?:(?:a{1,9}){1,99}){1,999}){1,999}b/",
    ],
)
def test_such_a_key_gets_a_verdict_and_its_neighbour_too(key: str) -> None:
    pattern, neighbour = parse_literal(key), parse_literal("/dragon/")
    assert pattern is not None
    assert neighbour is not None
    with SafeMatcher() as matcher:
        found = matcher.test([pattern, neighbour], "a small dragon " * 40)
    assert found[0] in set(MatchResult)
    assert found[1] is MatchResult.MATCH
