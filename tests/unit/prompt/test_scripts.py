"""Regex scripts for prompts: messages by their depth, lore, and what is sent only."""

from collections.abc import Iterator
from typing import Any

import pytest

from core.kind import Kind
from core.lorebook import ActiveBook, Entry, Lorebook, Sources
from core.lorebook.lorebook import Position
from core.patterns.finder import SafeFinder
from core.presets import stock
from core.presets.preset import PresetKind
from core.presets.templates import ContextTemplate
from core.prompt.build import build_prompt
from core.prompt.context import Context, Lore, Purpose
from core.regex_scripts.run import ScriptSet
from core.regex_scripts.script import RegexScript, new_script
from tests.unit.prompt.contexts import characters, context, said

HISTORY = said("one x", "two x", "three x", "four x", "five x")


@pytest.fixture(scope="module")
def finder() -> Iterator[SafeFinder]:
    with SafeFinder() as opened:
        yield opened


def for_prompts(replacement: str = "*", **values: Any) -> RegexScript:
    given = {"placement": [1, 2], "promptOnly": True, **values}
    return new_script(findRegex="/x/g", replaceString=replacement, **given)


def lines(built: str) -> list[str]:
    return [word for word in built.replace("\n", " ").split(" ") if word in ("x", "*", "**")]


def with_scripts(finder: SafeFinder, *scripts: RegexScript, **values: Any) -> Context:
    return context(history=HISTORY, scripts=ScriptSet(scripts, finder), **values)


@pytest.mark.parametrize(
    ("values", "purpose", "marks"),
    [
        ({}, Purpose.NORMAL, "*****"),
        ({"minDepth": 1}, Purpose.NORMAL, "****x"),
        ({"maxDepth": 1}, Purpose.NORMAL, "xxx**"),
        ({"minDepth": 1, "maxDepth": 2}, Purpose.NORMAL, "xx**x"),
        # A message that is to be continued stands at -1, and the one before it at 0.
        ({"minDepth": 0}, Purpose.CONTINUE, "****x"),
        ({"minDepth": -1}, Purpose.CONTINUE, "*****"),
        ({"maxDepth": 0}, Purpose.CONTINUE, "xxx**"),
        # Of a message told anew nothing is sent; the one before it is the newest.
        ({"maxDepth": 0}, Purpose.SWIPE, "xxx*"),
        ({"promptOnly": False}, Purpose.NORMAL, "xxxxx"),
        ({"promptOnly": False, "markdownOnly": True}, Purpose.NORMAL, "xxxxx"),
        ({"markdownOnly": True}, Purpose.NORMAL, "*****"),
        ({"disabled": True}, Purpose.NORMAL, "xxxxx"),
        ({"placement": [1]}, Purpose.NORMAL, "*x*x*"),
        ({"placement": [2]}, Purpose.NORMAL, "x*x*x"),
    ],
)
@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.CHAT])
def test_depths(
    finder: SafeFinder, kind: Kind, values: dict[str, Any], purpose: Purpose, marks: str
) -> None:
    preset = stock.preset(PresetKind.CHAT, "Default")
    script = for_prompts(**values)
    asked = with_scripts(finder, script, kind=kind, purpose=purpose, chat_preset=preset)
    assert (
        "".join(
            lines(build_prompt(asked, characters).as_sent().replace('"', " ").replace("\\n", " "))
        )
        == marks
    )


def test_scripts_run_in_their_order(finder: SafeFinder) -> None:
    second = new_script(findRegex="/\\*/g", replaceString="**", promptOnly=True, placement=[1])
    asked = with_scripts(finder, for_prompts(), second)
    assert lines(build_prompt(asked, characters).text) == ["**", "*", "**", "*", "**"]


def test_what_was_found_cannot_work_as_a_macro(finder: SafeFinder) -> None:
    script = new_script(
        findRegex="/five.*/", replaceString="[$0] {{char}}", promptOnly=True, placement=[1, 2]
    )
    asked = context(history=said("five {{user}} {{char}}"), scripts=ScriptSet((script,), finder))
    assert "[five {{user}} {{char}}] Mira" in build_prompt(asked, characters).text


def test_lore(finder: SafeFinder) -> None:
    entries = (
        Entry(uid=1, constant=True, content="lore x"),
        Entry(uid=2, constant=True, content="deep x", position=Position.AT_DEPTH, depth=3),
        Entry(uid=3, constant=True, content="gone"),
    )
    book = ActiveBook("7", Lorebook(name="Isle", entries=entries))
    scripts = (
        for_prompts(placement=[5], minDepth=5),
        new_script(findRegex="/gone/", promptOnly=True, placement=[5]),
    )
    asked = context(
        history=said("Hi."),
        lore=Lore(Sources(shared=(book,))),
        context_template=ContextTemplate(story_string="{{wiBefore}}", chat_start="***"),
        scripts=ScriptSet(scripts, finder),
    )
    prompt = build_prompt(asked, characters)
    # Limits of depth count for what stands at a depth, which here is 3.
    assert "lore *" in prompt.text
    assert "deep x" in prompt.text
    assert "gone" not in prompt.text
    assert [drop.entry.uid for drop in prompt.lore.dropped] == [3]


def test_a_stopped_script_is_reported_and_changes_nothing(finder: SafeFinder) -> None:
    stopped: list[RegexScript] = []
    evil = new_script(
        findRegex="/(?:a|aa)+$/g", promptOnly=True, placement=[1, 2], scriptName="evil"
    )
    asked = context(
        history=said("a" * 60 + "!", "aaa"), scripts=ScriptSet((evil,), finder, stopped.append)
    )
    text = build_prompt(asked, characters).text
    assert "a" * 60 + "!" in text
    assert [one.name for one in stopped] == ["evil"]
