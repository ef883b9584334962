"""Sticky, cooldown and delay."""

from core.lorebook import Entry, ScanInput, ScanLine, TimedEffect, TimedState
from core.lorebook.timed import entry_hash
from tests.unit.lorebook.scans import CHAT, entry, given, rules, run, woken

ID = ("isle", 0)


def effect_of(scan_input: ScanInput, start: int, end: int, protected: bool = False) -> TimedEffect:
    return TimedEffect(start, end, entry_hash(stored(scan_input)), protected)


def stored(scan_input: ScanInput) -> Entry:
    return scan_input.sources.shared[0].book.entries[0]


def test_waking_starts_both_effects_at_once() -> None:
    result = run(given([entry("x", "lighthouse", sticky=3, cooldown=5)]))
    assert (result.timed.sticky[ID].start, result.timed.sticky[ID].end) == (4, 7)
    assert (result.timed.cooldown[ID].start, result.timed.cooldown[ID].end) == (4, 9)


def test_sticky_wakes_without_key_and_without_dice() -> None:
    scan_input = given([entry("x", "zebra", sticky=5, probability=0)])
    timed = TimedState(sticky={ID: effect_of(scan_input, 2, 7)})
    result = run(scan_input, timed=timed)
    assert woken(result) == ["x"]
    assert result.timed == timed


def test_nothing_runs_while_the_chat_did_not_advance() -> None:
    scan_input = given([entry("x", "zebra", sticky=5)])
    result = run(scan_input, timed=TimedState(sticky={ID: effect_of(scan_input, 4, 9)}))
    assert woken(result) == []
    assert result.timed.sticky == {}


def test_an_ended_sticky_leaves_a_protected_cooldown() -> None:
    scan_input = given([entry("x", "lighthouse", sticky=2, cooldown=3)])
    result = run(scan_input, timed=TimedState(sticky={ID: effect_of(scan_input, 2, 4)}))
    assert woken(result) == []
    assert rules(result) == {"x": "cooldown"}
    assert result.timed.sticky == {}
    cooldown = result.timed.cooldown[ID]
    assert (cooldown.start, cooldown.end, cooldown.protected) == (4, 7, True)


def test_cooldown_holds_back_unless_sticky() -> None:
    scan_input = given([entry("x", "lighthouse", sticky=5, cooldown=5)])
    cooling = TimedState(cooldown={ID: effect_of(scan_input, 2, 7)})
    assert woken(run(scan_input, timed=cooling)) == []
    both = TimedState({ID: effect_of(scan_input, 2, 7)}, cooling.cooldown)
    assert woken(run(scan_input, timed=both)) == ["x"]


def test_editing_an_entry_ends_its_effects() -> None:
    scan_input = given([entry("x", "zebra", sticky=5)])
    timed = TimedState(sticky={ID: TimedEffect(2, 7, "of another text")})
    result = run(scan_input, timed=timed)
    assert woken(result) == []
    assert result.timed.sticky == timed.sticky, "it waits, the entry may come back"
    ended = run(scan_input, timed=TimedState(sticky={ID: TimedEffect(2, 4, "of another text")}))
    assert ended.timed.sticky == {}


def test_delay_counts_messages() -> None:
    entries = [entry("later", delay=5)]
    assert woken(run(given(entries))) == []
    assert woken(run(given(entries, [*CHAT, ScanLine("Mira", "Well.")]))) == ["later"]
