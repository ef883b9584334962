"""Scripts on a text that is still growing: what a script may yet hide is held back for a while."""

from collections.abc import Iterator

import pytest

from core.patterns.finder import SafeFinder
from core.regex_scripts.run import HOLD_SECONDS, Holds, ScriptRunner
from core.regex_scripts.script import RegexScript, new_script

STATUS = new_script(findRegex="/<status>[\\s\\S]*?<\\/status>/g")
BOLD = new_script(findRegex='/"([^"]*)"/g', replaceString='**"$1"**')
ONCE = new_script(findRegex="/\\(.*?\\)/")


@pytest.fixture(scope="module")
def finder() -> Iterator[SafeFinder]:
    with SafeFinder() as opened:
        yield opened


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("script", "text", "shown"),
    [
        (STATUS, "Hi <sta", "Hi "),
        (STATUS, "Hi <status> HP", "Hi "),
        (STATUS, "Hi <status> HP</status> you", "Hi  you"),
        (STATUS, "Hi <status>a</status> b <status>c", "Hi  b "),
        (STATUS, "a < b", "a < b"),
        # Nothing is hidden by a script that shows what it found.
        (BOLD, 'She says "he', 'She says "he'),
        # Without the flag g there is no second match to wait for.
        (ONCE, "a (b) (c", "a  (c"),
        (ONCE, "a (b", "a "),
        (STATUS, "😀 <status>😀", "😀 "),
    ],
)
def test_what_is_held_back(finder: SafeFinder, script: RegexScript, text: str, shown: str) -> None:
    assert ScriptRunner(finder).run_growing([script], text, Holds(Clock())) == shown


def test_it_is_held_back_for_two_seconds(finder: SafeFinder) -> None:
    clock, runner = Clock(), ScriptRunner(finder)
    holds = Holds(clock)
    begun = clock.now
    assert runner.run_growing([STATUS], "Hi <status> a", holds) == "Hi "
    assert holds.left == HOLD_SECONDS  # counted from when the opening was first seen
    clock.now = begun + 1
    assert runner.run_growing([STATUS], "Hi <status> a b", holds) == "Hi "
    assert (holds.left or 0) == HOLD_SECONDS - 1
    clock.now = begun + HOLD_SECONDS
    assert runner.run_growing([STATUS], "Hi <status> a b", holds) == "Hi <status> a b"
    assert runner.run_growing([STATUS], "Hi <status> a</status> b", holds) == "Hi  b"


def test_any_split_ends_as_the_whole(finder: SafeFinder) -> None:
    text = 'Hi <status>a "b"</status> "c" (d) <status>e'
    scripts = [STATUS, BOLD, ONCE]
    runner = ScriptRunner(finder)
    whole = runner.run(scripts, text)
    for place in range(len(text)):
        holds = Holds(Clock())
        shown = runner.run_growing(scripts, text[:place], holds)
        assert "<status>" not in shown
    assert whole == 'Hi  **"c"**  <status>e'
