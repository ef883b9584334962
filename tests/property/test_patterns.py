"""Whatever stands in a pattern, reading it never raises anything but InvalidRegex."""

from collections.abc import Iterable, Iterator

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import InvalidRegex
from core.patterns import parse_literal, parse_pattern
from core.patterns.characters import complement, merged, to_units, without_case
from core.patterns.matcher import MatchResult, SafeMatcher

pieces = st.sampled_from(
    [
        *r"()[]{}|*+?.^$\/-,:=!<>abk01",
        r"\d",
        r"\b",
        "(?:",
        "(?<n>",
        r"\k<n>",
        "{1,2}",
        "😀",
        "\ud83d",
    ]
)
sources = st.lists(pieces, max_size=24).map("".join) | st.text(max_size=24)
flags = st.sets(st.sampled_from("gimsuy")).map(lambda chosen: "".join(sorted(chosen)))


@pytest.fixture(scope="module")
def matcher() -> Iterator[SafeMatcher]:
    with SafeMatcher() as opened:
        yield opened


def members(ranges: Iterable[tuple[int, int]]) -> set[int]:
    return {code for low, high in ranges for code in range(low, high + 1)}


@given(sources, flags)
def test_reading_gives_a_pattern_or_refuses(source: str, chosen: str) -> None:
    try:
        pattern = parse_pattern(source, chosen)
    except InvalidRegex:
        return
    assert pattern.refused or regex.compile(pattern.text, regex.VERSION0)


@given(sources, flags, st.text(alphabet=st.sampled_from("ab01 \n-😀"), max_size=12))
def test_the_matcher_always_answers(
    matcher: SafeMatcher, source: str, chosen: str, subject: str
) -> None:
    pattern = parse_literal(f"/{source}/{chosen}")
    if pattern is not None:
        (verdict,) = matcher.test([pattern], subject)
        assert verdict in MatchResult


@given(st.text(max_size=40))
@example("/" * 40)
@example("/\\/")
def test_any_text_can_be_a_key(text: str) -> None:
    pattern = parse_literal(text)
    assert pattern is None or str(pattern).startswith("/")


@given(st.text(max_size=30))
def test_units_are_those_of_utf_16(text: str) -> None:
    units = to_units(text)
    assert len(units) == len(text.encode("utf-16-le", "surrogatepass")) // 2
    assert all(unit <= "\uffff" for unit in units)


spans = st.tuples(st.integers(0, 300), st.integers(0, 300)).map(lambda pair: (min(pair), max(pair)))


@given(st.lists(spans, max_size=8))
def test_sets_of_characters(ranges: list[tuple[int, int]]) -> None:
    assert members(merged(ranges)) == members(ranges)
    assert members(complement(ranges, 400)) == set(range(401)) - members(ranges)


@pytest.mark.parametrize("unicode", [True, False])
def test_case_relatives_are_mutual(unicode: bool) -> None:
    for code in range(0x2200):
        relatives = members(without_case(((code, code),), unicode))
        assert code in relatives
        assert all(code in members(without_case(((r, r),), unicode)) for r in relatives)
