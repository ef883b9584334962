"""The matcher: harmless patterns here, all others in a process that can be killed."""

import threading

import pytest

from core.patterns import Pattern, parse_literal
from core.patterns.matcher import MAX_SUBJECT, MatchResult, SafeMatcher
from core.patterns.worker import WorkerProcess

CATASTROPHE = "/(?:a|aa)+$/"
HOPELESS = "a" * 60 + "!"


def patterns(*texts: str) -> list[Pattern]:
    found = [parse_literal(text) for text in texts]
    return [pattern for pattern in found if pattern is not None]


def test_harmless_patterns_need_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: WorkerProcess) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(WorkerProcess, "__init__", refuse)
    with SafeMatcher() as matcher:
        verdicts = matcher.test(patterns("/drag(on|ons)\\b/i", "/zebra/"), "the Dragon")
    assert verdicts == [MatchResult.MATCH, MatchResult.NO_MATCH]


def test_the_process_gives_the_same_answers() -> None:
    asked = patterns("/x.*y/", "/d.*n/i", "/.*b/u", "/^.+😀/", "/(?<=Drag).*$/")
    with SafeMatcher() as matcher:
        verdicts = matcher.test(asked, "the Dragon 😀")
    no, yes = MatchResult.NO_MATCH, MatchResult.MATCH
    assert verdicts == [no, yes, no, yes, yes]


def test_a_catastrophe_is_killed_and_the_others_answered() -> None:
    asked = patterns("/a.*!/", CATASTROPHE, "/b.*/", "/a+!/")
    with SafeMatcher() as matcher:
        first = matcher.test(asked, HOPELESS)
        assert first == [
            MatchResult.MATCH,
            MatchResult.STOPPED,
            MatchResult.NO_MATCH,
            MatchResult.MATCH,
        ]
        assert matcher.test(patterns("/a+!/"), HOPELESS) == [MatchResult.MATCH]


def test_three_strikes(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []
    start = WorkerProcess.__init__

    def counted(self: WorkerProcess) -> None:
        started.append(1)
        start(self)

    monkeypatch.setattr(WorkerProcess, "__init__", counted)
    with SafeMatcher() as matcher:
        for _ in range(5):
            assert matcher.test(patterns(CATASTROPHE), HOPELESS) == [MatchResult.STOPPED]
    assert len(started) == 3


def test_many_catastrophes_end() -> None:
    many = patterns(*(f"/(?:a|aa|{number})+$/" for number in range(40)))
    with SafeMatcher() as matcher:
        assert set(matcher.test(many, HOPELESS)) == {MatchResult.STOPPED}


def test_refused_patterns_count_as_stopped() -> None:
    with SafeMatcher() as matcher:
        verdicts = matcher.test(patterns("/((((((((((a))))))))))/"), "a")
    assert verdicts == [MatchResult.STOPPED]


def test_long_subjects_are_searched_at_their_beginning() -> None:
    with SafeMatcher() as matcher:
        text = "a" + "-" * MAX_SUBJECT + "b"
        assert matcher.test(patterns("/a/", "/b/"), text) == [
            MatchResult.MATCH,
            MatchResult.NO_MATCH,
        ]


def test_several_threads_may_ask_at_once() -> None:
    found: dict[int, list[MatchResult]] = {}
    with SafeMatcher() as matcher:

        def ask(number: int) -> None:
            asked = patterns(f"/n{number}.*z/", "/n.*q/")
            found[number] = matcher.test(asked, f"n{number} z")

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert list(found.values()) == [[MatchResult.MATCH, MatchResult.NO_MATCH]] * 8


def test_a_worker_that_does_not_start_stops_the_pattern_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    with SafeMatcher() as matcher:
        assert matcher.test(patterns("/a/", "/a.*b/"), "ab") == [
            MatchResult.MATCH,
            MatchResult.STOPPED,
        ]


def test_after_closing_nothing_is_started() -> None:
    matcher = SafeMatcher()
    matcher.close()
    assert matcher.test(patterns("/a/", "/a.*b/"), "ab") == [MatchResult.MATCH, MatchResult.STOPPED]
