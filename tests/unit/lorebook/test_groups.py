"""Inclusion groups."""

from core.lorebook import TimedEffect, TimedState
from core.lorebook.timed import entry_hash
from tests.unit.lorebook.scans import Fixed, entry, given, rules, run, woken


def test_the_dice_choose_by_weight() -> None:
    entries = [entry("a", group="G", group_weight=10), entry("b", group="G", group_weight=90)]
    assert woken(run(given(entries), dice=Fixed(0.05))) == ["a"]
    assert woken(run(given(entries), dice=Fixed(0.5))) == ["b"]
    assert rules(run(given(entries), dice=Fixed(0.5))) == {"a": "group draw"}


def test_the_preferred_one_of_highest_order_wins() -> None:
    entries = [
        entry("low", group="G", group_override=True, order=1),
        entry("high", group="G", group_override=True, order=2),
        entry("plain", group="G", order=3),
    ]
    result = run(given(entries))
    assert woken(result) == ["high"]
    assert rules(result) == {"low": "group priority", "plain": "group priority"}


def test_more_keys_win_with_scoring() -> None:
    entries = [
        entry("one", "lighthouse", group="G"),
        entry("two", "lighthouse", "tobin", group="G"),
        entry("unscored", "lighthouse", group="G", use_group_scoring=False, group_weight=0),
    ]
    result = run(given(entries, use_group_scoring=True))
    assert woken(result) == ["two"]
    assert rules(result)["one"] == "group score"
    assert rules(result)["unscored"] == "group draw"


def test_keys_score_as_they_are_written() -> None:
    entries = [
        entry("macro", "lighthouse", "{{who}}", group="G"),
        entry("empty", "lighthouse", "", group="G"),
    ]
    scan_input = given(entries, use_group_scoring=True)
    result = run(scan_input, substitute=lambda text: text.replace("{{who}}", "tobin"))
    assert woken(result) == ["empty"]


def test_a_group_that_was_won_earlier_is_taken() -> None:
    entries = [entry("a vault", "lighthouse", group="G"), entry("late", "vault", group="G")]
    result = run(given(entries))
    assert woken(result) == ["a vault"]
    assert rules(result) == {"late": "group taken"}


def test_sticky_members_keep_the_others_out() -> None:
    sticky = entry("sticky", "zebra", group="G", sticky=5)
    entries = [sticky, entry("key", "lighthouse", group="G")]
    scan_input = given(entries)
    stored = scan_input.sources.shared[0].book.entries[0]
    timed = TimedState(sticky={("isle", 0): TimedEffect(2, 7, entry_hash(stored))})
    result = run(scan_input, timed=timed)
    assert woken(result) == ["sticky"]
    assert rules(result) == {"key": "group sticky"}


def test_losing_twice_takes_a_stranger_along() -> None:
    entries = [
        entry("loser", group="A, B", order=9),
        entry("winner A", group="A", order=8, group_override=True),
        entry("winner B", group="B", order=7, group_override=True),
        entry("stranger", order=1),
    ]
    assert woken(run(given(entries))) == ["winner A", "winner B"]


def test_groups_with_numbers_for_names_come_first() -> None:
    entries = [
        entry("x", group="b, 1", order=3, group_override=True),
        entry("y", group="b", order=2),
        entry("z", group="1", order=4, group_override=True),
    ]
    # Group 1 is decided first and takes x out; x still wins b and takes y out.
    assert woken(run(given(entries))) == ["z"]
