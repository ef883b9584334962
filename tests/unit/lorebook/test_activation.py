"""The passes: recursion, delays, probability, budget, filters."""

from collections.abc import Sequence
from typing import Any

import pytest

from core.lorebook import CharacterFilter
from core.lorebook.scan import MAX_PASSES, Budget, scan
from core.patterns import Pattern
from core.patterns.matcher import MatchResult
from core.tokenizers.tokenizer import Estimate
from tests.unit.lorebook.scans import Fixed, Told, entry, given, rules, run, woken


def test_contents_hold_keys_of_others() -> None:
    entries = [entry("a vault below", "lighthouse"), entry("a map", "vault"), entry("ink", "map")]
    result = run(given(entries))
    assert woken(result) == ["a vault below", "a map", "ink"]
    assert [one.step for one in result.activated] == [1, 2, 3]
    assert woken(run(given(entries, recursive=False))) == ["a vault below"]
    assert woken(run(given(entries, max_recursion_steps=2))) == ["a vault below", "a map"]


class Searching:
    """A matcher for patterns that are plain words."""

    def test(self, patterns: Sequence[Pattern], subject: str) -> list[MatchResult]:
        return [
            MatchResult.MATCH if pattern.source in subject else MatchResult.NO_MATCH
            for pattern in patterns
        ]


def test_patterns_are_tested_again_on_what_woke() -> None:
    entries = [
        entry("a vault", "lighthouse"),
        entry("a map", "/vault/"),
        entry("ink", "lighthouse", secondary_keys=("/map/",)),
    ]
    result = scan(given(entries), Estimate().count, Searching(), Fixed(0.5))
    assert woken(result) == ["a vault", "a map", "ink"]


def test_a_pass_that_spreads_nothing_costs_nothing() -> None:
    budget = Budget(size=7, count=len)
    assert budget.take("a", is_free=False)
    budget.close_pass("a")
    budget.close_pass("")
    assert budget.take("bcd", is_free=False)
    budget.close_pass("bcd")
    assert not budget.take("e", is_free=False)


def test_recursion_flags() -> None:
    entries = [
        entry("a vault", "lighthouse", prevent_recursion=True),
        entry("silent", "vault"),
        entry("a cellar", "lighthouse"),
        entry("deaf", "cellar", exclude_recursion=True),
        entry("late", "lighthouse", delay_until_recursion=True),
        entry("later", "lighthouse", delay_until_recursion=2),
    ]
    result = run(given(entries))
    assert woken(result) == ["a vault", "a cellar", "late", "later"]
    assert rules(result) == {"deaf": "recursion excluded"}


def test_passes_are_bounded() -> None:
    chain = [entry(f"k{n + 1}", f"k{n}") for n in range(MAX_PASSES * 2)]
    result = run(given([entry("k0", "lighthouse"), *chain], budget_percent=100))
    assert len(result.activated) == MAX_PASSES
    assert result.is_cut_short


def test_probability_is_rolled_once() -> None:
    entries = [
        entry("never", "lighthouse", probability=0),
        entry("half", "lighthouse", probability=50),
        entry("unused", "lighthouse", probability=0, use_probability=False),
        entry("more", "lighthouse"),
    ]
    result = run(given(entries), dice=Fixed(0.5))
    assert woken(result) == ["half", "unused", "more"]
    assert rules(result) == {"never": "probability"}
    assert woken(run(given(entries), dice=Fixed(0.0)))[0] == "never"


def test_budget_ends_with_the_first_that_does_not_fit() -> None:
    entries = [
        entry("a" * 30, order=4),
        entry("b" * 60, order=3),
        entry("c", order=2),
        entry("d" * 60, order=1, ignore_budget=True),
    ]
    result = run(given(entries, budget_cap=20))
    assert woken(result) == ["a" * 30, "d" * 60]
    assert rules(result) == {"b" * 60: "budget", "c": "budget"}
    assert result.budget == 20
    assert result.is_over_budget


@pytest.mark.parametrize("cap", range(1, 120, 7))
def test_counting_seldom_decides_as_counting_always(cap: int) -> None:
    entries = [entry(f"fact {number} " * (number % 5 + 1), order=-number) for number in range(20)]
    asked: list[str] = []

    def count(text: str) -> int:
        asked.append(text)
        return len(text.split()) + 1

    spent = ""
    expected = []
    for one in entries:
        spent += one.content + "\n"
        if count(spent) >= cap:
            break
        expected.append(one.content)
    asked.clear()
    assert woken(run(given(entries, budget_cap=cap), count=count)) == expected
    assert len(asked) <= len(entries)


def test_triggers_and_filters() -> None:
    entries = [
        entry("on continue", triggers=("continue",)),
        entry("only Mira", character_filter=CharacterFilter(names=("Mira",))),
        entry("not Mira", character_filter=CharacterFilter(names=("Mira",), exclude=True)),
        entry("calm", character_filter=CharacterFilter(tags=("calm",))),
        entry("not calm", character_filter=CharacterFilter(tags=("calm",), exclude=True)),
        entry("off", enabled=False),
    ]
    known: dict[str, Any] = {"character_file": "Mira", "character_tags": frozenset({"calm"})}
    result = run(given(entries), **known)
    assert woken(result) == ["only Mira", "calm"]
    assert rules(result) == {
        "on continue": "trigger",
        "not Mira": "character",
        "not calm": "tag",
        "off": "disabled",
    }
    assert "on continue" in woken(run(given(entries), trigger="continue"))
    assert "not calm" in woken(run(given(entries), character_file="Mira"))


def test_held_back_entries_are_told_only_with_a_reason_to_wake() -> None:
    entries = [
        entry("asleep", "zebra", enabled=False),
        entry("near", "lighthouse", enabled=False),
    ]
    result = run(given(entries))
    assert [(one.entry.content, one.key) for one in result.dropped] == [("near", "lighthouse")]


def test_decorators() -> None:
    entries = [
        entry("@@activate\nforced", "zebra"),
        entry("@@dont_activate\nforbidden"),
        entry("@@strange\n@@@activate\nfallback", "zebra"),
        entry("@@strange\nplain"),
    ]
    result = run(given(entries))
    assert woken(result) == ["forced", "fallback", "plain"]
    assert [str(one.cause) for one in result.activated] == ["decorator", "decorator", "constant"]


def test_contents_are_substituted_when_they_wake() -> None:
    seen: list[str] = []

    def substitute(text: str) -> str:
        seen.append(text)
        return text.upper()

    entries = [entry("woken", "lighthouse"), entry("asleep", "zebra")]
    assert woken(run(given(entries), Told(), substitute=substitute)) == ["WOKEN"]
    assert seen == ["woken"]
