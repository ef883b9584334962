"""Patterns mean here what they mean in JavaScript."""

import json
import os
import shutil

import pytest
import regex

from core.errors import InvalidRegex
from core.patterns import parse_literal, parse_pattern
from core.patterns.characters import to_units
from tests.patterns_golden import GOLDEN, Case, ask, made_up


def ours(case: Case) -> bool | None:
    """Whether the pattern matches; None where it is refused."""
    source, flags, subject = case
    try:
        pattern = parse_pattern(source, flags)
    except InvalidRegex:
        return None
    text = to_units(subject) if pattern.by_units else subject
    return regex.search(pattern.text, text, regex.VERSION0, timeout=10) is not None


def differing(cases: list[Case], answers: list[bool | None]) -> list[Case]:
    return [case for case, answer in zip(cases, answers, strict=True) if ours(case) != answer]


def test_equal_to_javascripts_stored_answers() -> None:
    rows = json.loads(GOLDEN.read_text("utf-8"))
    cases = [(source, flags, subject) for source, flags, subject, _ in rows]
    assert len(cases) > 700
    assert differing(cases, [answer for *_, answer in rows]) == []


@pytest.mark.full
@pytest.mark.skipif(not os.environ.get("TAVERN_FULL"), reason="runs with TAVERN_FULL=1")
def test_equal_to_javascript_itself() -> None:
    if shutil.which("node") is None:
        pytest.skip("node is not here")
    cases = made_up(7, 40_000)
    assert differing(cases, ask(cases)) == []


@pytest.mark.parametrize("text", ["lamp", "/lamp", "lamp/i", "//", "/a/b/", "/(/", "/a/gg", "/a/x"])
def test_what_is_no_pattern_is_plain_text(text: str) -> None:
    assert parse_literal(text) is None


def test_slashes_inside_are_written_with_a_backslash() -> None:
    pattern = parse_literal(r"/a\/b/i")
    assert pattern is not None
    assert regex.search(pattern.text, "A/B", regex.VERSION0)


@pytest.mark.parametrize(
    ("source", "reason"), [("a" * 4097, "longer"), ("(" * 9 + ")" * 9, "nested")]
)
def test_patterns_over_the_limits_are_refused_without_error(source: str, reason: str) -> None:
    pattern = parse_pattern(source, "")
    assert reason in pattern.refused
    assert pattern.text == ""


@pytest.mark.parametrize(
    ("source", "bounded"),
    [
        ("dragons?", True),
        ("(?:red|blue) (?:dragon|wyrm)", True),
        (r"\b[a-f]{1,8}\b", True),
        ("a.*b", False),
        ("(a+)+$", False),
        (r"(a)\1", False),
        ("((a{0,30}){0,30}){0,30}", False),
    ],
)
def test_work_is_bounded_only_where_that_is_certain(source: str, bounded: bool) -> None:
    assert (parse_pattern(source, "").work < 1_000) is bounded
