"""Scripts do to any text what JavaScript does, asked of node itself."""

import random
import shutil
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.patterns.finder import SafeFinder
from core.regex_scripts.run import ScriptRunner
from core.regex_scripts.script import new_script
from core.untrusted.surrogates import join_surrogates
from tests.pattern_grammar import PatternGrammar
from tests.regex_oracle import Replacing, ask_javascript

REPLACEMENTS = ["", "[$0]", "<$1>", "{{match}}$<n>", "$$$&x", "($2|$1)", "$`$'"]
TRIMS: list[list[str]] = [[], ["a"], ["ab", "b"]]
EMPTY_ROUND = "(?:|"
"""A repetition whose rounds may be empty ends earlier here than in JavaScript."""


@pytest.fixture(scope="module")
def finder() -> Iterator[SafeFinder]:
    with SafeFinder() as opened:
        yield opened


def cases(seed: int, count: int) -> Iterator[Replacing]:
    grammar, dice = PatternGrammar(seed), random.Random(seed)
    while count:
        source, flags = grammar.pattern(), grammar.flags().replace("y", "")
        # A pattern is written in one line, and not empty.
        if source and not set(source) & set("\n\r\u2028\u2029") and EMPTY_ROUND not in source:
            text = "".join(grammar.subject() for _ in range(3))
            yield source, flags, dice.choice(REPLACEMENTS), dice.choice(TRIMS), text
            count -= 1


@pytest.mark.skipif(shutil.which("node") is None, reason="node is needed to ask JavaScript itself")
@pytest.mark.parametrize("seed", range(3))
def test_as_javascript_replaces(finder: SafeFinder, seed: int) -> None:
    asked = list(cases(seed, 600))
    wrong = []
    for case, replaced in zip(asked, ask_javascript(asked), strict=True):
        source, flags, replacement, trims, text = case
        script = new_script(
            findRegex=f"/{source}/{flags}", replaceString=replacement, trimStrings=trims
        )
        runner = ScriptRunner(finder)
        made = runner.run([script], text)
        expected = join_surrogates(text if replaced is None else replaced)
        if made != expected and not runner.stopped:
            wrong.append((case, expected, made))
    assert wrong == []


@given(st.text(max_size=30), st.text(max_size=20), st.text(max_size=60))
def test_any_script_on_any_text(
    finder: SafeFinder, pattern: str, replacement: str, text: str
) -> None:
    script = new_script(findRegex=pattern, replaceString=replacement)
    assert isinstance(ScriptRunner(finder).run([script], text), str)
