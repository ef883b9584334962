"""Which texts a key is found in."""

import random

import pytest

from core.lorebook import Logic, ScanLine
from core.lorebook.keys import KeyIndex, occurs
from core.patterns.matcher import MatchResult
from tests.unit.lorebook.scans import Told, entry, given, rules, run, woken


@pytest.mark.parametrize(
    ("key", "text", "whole", "expected"),
    [
        ("lamp", "the Lamp.", True, True),
        ("lamp", "lamps", True, False),
        ("lamp", "lamps", False, True),
        ("caf", "café", True, True),
        ("half-orc", "a half-orc!", True, True),
        ("half-orc", "half-orcs", True, False),
        ("dark lord", "dark lords", True, True),
        ("дракон", "драконы", True, True),
        ("魔法", "大魔法使", True, True),
        ("lamp", "", True, False),
        ("a", "a", True, True),
    ],
)
def test_plain_keys(key: str, text: str, whole: bool, expected: bool) -> None:
    index = KeyIndex()
    index.add(key, exact_case=False, whole_words=whole)
    assert bool(index.find(text)) is expected


def test_index_finds_what_single_searches_find() -> None:
    dice = random.Random(4)
    letters = "ab -'é魔"
    for _ in range(200):
        index = KeyIndex()
        wanted: dict[int, tuple[str, bool, bool]] = {}
        for _ in range(60):
            key = "".join(dice.choice(letters) for _ in range(dice.randint(1, 10))).strip(" ")
            exact, whole = dice.random() < 0.3, dice.random() < 0.5
            if key:
                wanted[index.add(key, exact, whole)] = (key, exact, whole and " " not in key)
        text = "".join(dice.choice(letters + "AB") for _ in range(dice.randint(0, 60)))
        expected = {
            number
            for number, (key, exact, whole) in wanted.items()
            if occurs(key if exact else key.lower(), text if exact else text.lower(), whole)
        }
        assert index.find(text) == expected


def test_case_and_whole_words_of_the_entry_win_over_the_settings() -> None:
    entries = [
        entry("exact", "Lighthouse", case_sensitive=True),
        entry("any case", "LIGHTHOUSE", case_sensitive=False),
        entry("part", "lightho", match_whole_words=False),
        entry("word", "lightho"),
    ]
    assert woken(run(given(entries))) == ["any case", "part"]


def test_patterns_see_the_whole_buffer_newest_first() -> None:
    matcher = Told(MatchResult.MATCH)
    result = run(given([entry("found", "/light/i")]), matcher)
    assert woken(result) == ["found"]
    assert matcher.asked == [
        ("/light/i", "\x01Tobin: Then tell me about the lighthouse.\n\x01Mira: It already has.")
    ]


def test_a_broken_pattern_is_plain_text() -> None:
    lines = [ScanLine("Mira", "she wrote /(/ on the wall")]
    assert woken(run(given([entry("found", "/(/", match_whole_words=False)], lines))) == ["found"]


def test_stopped_patterns_do_not_match_and_are_told() -> None:
    result = run(given([entry("slow", "/(a+)+$/")]), Told(MatchResult.STOPPED))
    assert woken(result) == []
    assert [(one.book, one.uid, one.key) for one in result.stopped] == [("isle", 0, "/(a+)+$/")]


def test_macros_in_keys_are_substituted() -> None:
    scan_input = given([entry("found", " {{place}} "), entry("not", "{{other}}")])
    values = {" {{place}} ": "lighthouse", "{{other}}": ""}
    result = run(scan_input, substitute=lambda text: values.get(text, text))
    assert woken(result) == ["found"]
    assert result.activated[0].key == " {{place}} "


def test_white_space_alone_is_found_everywhere_and_nothing_nowhere() -> None:
    entries = [entry("blank", " "), entry("blank, deaf", "\t", scan_depth=0), entry("nothing", "")]
    assert woken(run(given(entries))) == ["blank", "blank, deaf"]
    resolved = given([entry("blank", "{{space}}")])
    assert woken(run(resolved, substitute=lambda text: text.replace("{{space}}", " "))) == ["blank"]


@pytest.mark.parametrize(
    ("logic", "secondary", "wakes"),
    [
        (Logic.AND_ANY, ("tobin", "zebra"), True),
        (Logic.AND_ANY, ("zebra",), False),
        (Logic.NOT_ALL, ("tobin", "zebra"), True),
        (Logic.NOT_ALL, ("tobin",), False),
        (Logic.NOT_ANY, ("zebra",), True),
        (Logic.NOT_ANY, ("tobin", "zebra"), False),
        (Logic.AND_ALL, ("tobin", "tell"), True),
        (Logic.AND_ALL, ("tobin", "zebra"), False),
    ],
)
def test_secondary_keys(logic: Logic, secondary: tuple[str, ...], wakes: bool) -> None:
    result = run(given([entry("x", "lighthouse", secondary_keys=secondary, logic=logic)]))
    assert woken(result) == (["x"] if wakes else [])
    assert rules(result) == ({} if wakes else {"x": "secondary keys"})


def test_secondary_keys_are_ignored_unless_selective() -> None:
    entries = [entry("x", "lighthouse", secondary_keys=("zebra",), selective=False)]
    assert woken(run(given(entries))) == ["x"]
