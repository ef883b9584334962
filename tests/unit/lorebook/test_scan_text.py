"""What is searched: depth, names, the card's texts, injections."""

from core.lorebook import ExtraTexts, ScanLine
from tests.unit.lorebook.scans import CHAT, entry, given, run, woken


def test_depth_counts_messages() -> None:
    entries = [
        entry("newest", "lighthouse"),
        entry("older", "storm"),
        entry("deeper", "storm", scan_depth=3),
        entry("nothing", "lighthouse", scan_depth=0),
    ]
    assert woken(run(given(entries))) == ["newest", "deeper"]


def test_names_are_searched_only_with_the_switch() -> None:
    entries = [entry("name", "mira")]
    assert woken(run(given(entries))) == ["name"]
    assert woken(run(given(entries, include_names=False))) == []


def test_card_texts_are_searched_where_the_entry_asks() -> None:
    card = ExtraTexts(persona="bells", scenario="gulls")
    entries = [
        entry("persona", "bells", match_persona=True),
        entry("not asked", "bells"),
        entry("wrong one", "bells", match_scenario=True),
        entry("scenario", "gulls", match_scenario=True),
        entry("no depth", "gulls", match_scenario=True, scan_depth=0),
    ]
    assert woken(run(given(entries), card=card)) == ["persona", "scenario"]


def test_injections_are_searched() -> None:
    assert woken(run(given([entry("note", "fog")]), injections=("Fog near Tobin.",))) == ["note"]


def test_keys_do_not_reach_over_messages() -> None:
    lines = [ScanLine("A", "dark"), ScanLine("B", "lord")]
    entries = [entry("x", "dark lord"), entry("y", "lord\ndark")]
    assert woken(run(given(entries, lines, include_names=False))) == []


def test_min_activations_search_deeper_until_enough_woke() -> None:
    entries = [entry("newest", "lighthouse"), entry("old", "storm"), entry("oldest", "cup")]
    assert woken(run(given(entries, depth=1, min_activations=2))) == ["newest", "old"]
    limited = given(entries, depth=1, min_activations=2, min_activations_depth_max=1)
    assert woken(run(limited)) == ["newest"]


def test_min_activations_reach_the_beginning_of_a_long_chat() -> None:
    lines = [ScanLine("Mira", "the first cup"), *(CHAT * 60)]
    entries = [entry("first", "first")]
    assert woken(run(given(entries, lines, min_activations=1))) == ["first"]
