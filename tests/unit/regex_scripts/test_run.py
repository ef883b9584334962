"""What scripts make of a text: groups, texts taken out, macros, limits."""

from collections.abc import Iterator
from typing import Any

import pytest

from core.macros.engine import Macros
from core.macros.environment import Environment, MacroNames
from core.patterns.finder import SafeFinder
from core.regex_scripts.run import MAX_RESULT, PromptMacros, ScriptRunner
from core.regex_scripts.script import new_script

CATASTROPHE = "/(?:a|aa)+$/g"
HOPELESS = "a" * 60 + "!"


@pytest.fixture(scope="module")
def finder() -> Iterator[SafeFinder]:
    with SafeFinder() as opened:
        yield opened


def ran(finder: SafeFinder, text: str, user: str = "Ann", **script: Any) -> str:
    names = MacroNames(user, "Mira", "Mira", "Mira", user)
    runner = ScriptRunner(finder, PromptMacros(Macros(Environment(names=names))))
    return runner.run([new_script(**script)], text)


@pytest.mark.parametrize(
    ("pattern", "replacement", "text", "expected"),
    [
        ("/b/g", "", "abcb", "ac"),
        ("/b/", "", "abcb", "acb"),
        ("B", "x", "aBcB", "axcB"),
        ("/b/gi", "<{{match}}>", "aBb", "a<B><b>"),
        ("/b/g", "<{{MATCH}}$0>", "ab", "a<bb>"),
        ("/(\\w)(\\d)?/g", "[$1-$2]", "a1b", "[a-1][b-]"),
        ("/(?<first>\\w)(.)/", "$<first>$<nobody>", "ab", "a"),
        ("/b/", "$& $$ $` $'", "abc", "a$& $$ $` $'c"),
        ("/^/gm", "> ", "a\nb", "> a\n> b"),
        ("/a.c/s", "x", "a\nc", "x"),
        ("/./gu", "[$0]", "😀", "[😀]"),
        ("/./g", "$0", "😀", "😀"),
        ("/(?:)/g", "-", "ab", "-a-b-"),
        ("/(b)/g", "$9", "abc", "ac"),
        # Behind the last group stand the place of the match and the whole text.
        ("/(b)/", "$2$3", "abc", "a1abcc"),
    ],
)
def test_replacements(
    finder: SafeFinder, pattern: str, replacement: str, text: str, expected: str
) -> None:
    assert ran(finder, text, findRegex=pattern, replaceString=replacement) == expected


def test_texts_are_taken_out_of_groups_only(finder: SafeFinder) -> None:
    script: dict[str, Any] = {"findRegex": "/\\*(.+?)\\*/g", "replaceString": "*$1* $0"}
    script["trimStrings"] = ["*", ""]
    assert ran(finder, "*a*", **script) == "*a* a"
    script["trimStrings"] = ["{{char}}"]
    assert ran(finder, "*Mira waves*", **script) == "* waves* * waves*"


def test_macros_of_the_pattern(finder: SafeFinder) -> None:
    script: dict[str, Any] = {"findRegex": "/{{user}}/g", "replaceString": "X"}
    assert ran(finder, "A.n Ann", user="A.n", **script) == "A.n Ann"
    assert ran(finder, "A.n Ann", user="A.n", substituteRegex=1, **script) == "X X"
    assert ran(finder, "A.n Ann", user="A.n", substituteRegex=2, **script) == "X Ann"


def test_macros_of_the_replacement(finder: SafeFinder) -> None:
    script = {"findRegex": "/she/", "replaceString": "{{char}} with {{user}} {{upper::no macro}}"}
    assert ran(finder, "she", **script) == "Mira with Ann {{upper::no macro}}"


@pytest.mark.parametrize(
    "found", ["{{user}}", "<USER>", "{{getvar::x}}", "a::b", "\ufdd0user\ufdd1"]
)
def test_what_was_found_is_no_macro(finder: SafeFinder, found: str) -> None:
    script = {"findRegex": "/.+/", "replaceString": "{{random::[$0]}}"}
    assert ran(finder, found, **script) == f"[{found}]".replace("\ufdd0", "").replace("\ufdd1", "")


@pytest.mark.parametrize("pattern", ["/(/", "", "/a/x"])
def test_a_pattern_that_is_none_does_nothing(finder: SafeFinder, pattern: str) -> None:
    assert ran(finder, "(a", findRegex=pattern) == "(a"


def test_a_stopped_script_leaves_the_text(finder: SafeFinder) -> None:
    runner = ScriptRunner(finder)
    evil = new_script(scriptName="evil", findRegex=CATASTROPHE)
    good = new_script(findRegex="/!/")
    assert runner.run([evil, good], HOPELESS) == HOPELESS[:-1]
    assert [script.name for script in runner.stopped] == ["evil"]


@pytest.mark.parametrize(
    ("script", "text"),
    [
        ({"findRegex": "/a/g", "replaceString": "$0" * 50_000}, "a" * 60_000),
        ({"findRegex": "/(?=(.*))/gs", "replaceString": "$1"}, "ab" * 2_000),
        ({"findRegex": "/((((((((((((a))))))))))))/g"}, "a"),
        ({"findRegex": "/a/"}, "a" * 70_000),
    ],
)
def test_what_is_beyond_a_limit_is_stopped(
    finder: SafeFinder, script: dict[str, Any], text: str
) -> None:
    runner = ScriptRunner(finder)
    made = runner.run([new_script(**script)], text)
    assert (made == text and len(runner.stopped) == 1) or len(made) <= MAX_RESULT
    assert runner.stopped
