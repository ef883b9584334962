"""The finder: small patterns here, all others in processes that can be killed."""

import threading
import time

import pytest

from core.patterns import parse_pattern
from core.patterns.finder import Matches, SafeFinder
from core.patterns.worker import WorkerProcess

CATASTROPHE = parse_pattern("(?:a|aa)+$", "g")
HOPELESS = "a" * 60 + "!"


def test_small_patterns_need_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: WorkerProcess) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(WorkerProcess, "__init__", refuse)
    with SafeFinder() as finder:
        assert finder.find(parse_pattern("b(c)?", "g"), ["abcb"]) == [
            Matches("abcb", ((1, 3, 2, 3), (3, 4, -1, -1)))
        ]


def test_the_process_gives_the_same_answers() -> None:
    with SafeFinder() as finder:
        found = finder.find(parse_pattern("x.*?y|(?<=a)", "g"), ["axyxzy", "", "none"])
    assert found == [
        Matches("axyxzy", ((1, 3), (3, 6))),
        Matches(""),
        Matches("none"),
    ]


def test_sticky_matches_follow_each_other() -> None:
    with SafeFinder() as finder:
        (found,) = finder.find(parse_pattern("a", "gy"), ["aaba"])
    assert found.ends == ((0, 1), (1, 2))


def test_a_catastrophe_stops_for_its_text_only() -> None:
    with SafeFinder() as finder:
        first, second = finder.find(CATASTROPHE, [HOPELESS, "aaa"])
        assert first.stopped
        assert second.ends == ((0, 3),)


def test_three_strikes(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []
    start = WorkerProcess.__init__

    def counted(self: WorkerProcess) -> None:
        started.append(1)
        start(self)

    monkeypatch.setattr(WorkerProcess, "__init__", counted)
    with SafeFinder() as finder:
        for _ in range(5):
            assert finder.find(CATASTROPHE, [HOPELESS])[0].stopped
    assert len(started) == 3


def test_nobody_waits_for_anothers_catastrophe() -> None:
    with SafeFinder(seconds=5.0) as finder:
        finder.find(parse_pattern("b.*c", "g"), ["abc"])
        stuck = threading.Thread(target=finder.find, args=(CATASTROPHE, [HOPELESS]))
        stuck.start()
        try:
            while finder._idle:
                time.sleep(0.001)
            (found,) = finder.find(parse_pattern("b.*d", "g"), ["abcd"])
            assert found.ends == ((1, 4),)
            assert stuck.is_alive()
        finally:
            stuck.join()


def test_a_closed_finder_finds_nothing() -> None:
    finder = SafeFinder()
    finder.find(parse_pattern("b.*c", "g"), ["abc"])
    finder.close()
    assert finder.find(parse_pattern("b.*d", "g"), ["abd"])[0].stopped
