"""A script as it stands in files, and which texts it is for."""

from typing import Any

import pytest

from core.errors import InvalidRegex
from core.regex_scripts.files import scripts_of_file
from core.regex_scripts.script import Placement, RegexScript, Target, new_script, pattern_of

DOCUMENT: dict[str, Any] = {
    "id": "1",
    "scriptName": "hide status",
    "findRegex": "/<status>[\\s\\S]*?<\\/status>/g",
    "replaceString": "",
    "trimStrings": ["*"],
    "placement": [2, 1],
    "disabled": False,
    "markdownOnly": False,
    "promptOnly": True,
    "runOnEdit": True,
    "substituteRegex": 2,
    "minDepth": None,
    "maxDepth": 4,
    "a field of tomorrow": {"kept": [1, None]},
}


def test_what_it_says() -> None:
    script = RegexScript.of(DOCUMENT)
    assert (script.id, script.name) == ("1", "hide status")
    assert script.placements == {Placement.AI_OUTPUT, Placement.USER_INPUT}
    assert script.targets == {Target.PROMPT}
    assert (script.least_depth, script.most_depth) == (None, 4)


def test_it_goes_out_as_it_came() -> None:
    assert RegexScript.of(DOCUMENT).document == DOCUMENT
    changed = RegexScript.of(DOCUMENT).changed(replaceString="x")
    assert changed.document == {**DOCUMENT, "replaceString": "x"}


def test_only_what_it_does_counts_for_its_digest() -> None:
    script = RegexScript.of(DOCUMENT)
    assert script.changed(disabled=True, id="2").digest == script.digest
    for other in ({"findRegex": "a"}, {"placement": [1]}, {"minDepth": 1}):
        assert script.changed(**other).digest != script.digest


@pytest.mark.parametrize(
    "document",
    [
        DOCUMENT,
        [DOCUMENT],
        {
            "spec": "chara_card_v2",
            "data": {"name": "A", "extensions": {"regex_scripts": [DOCUMENT]}},
        },
        {"temperature": 1, "extensions": {"regex_scripts": [DOCUMENT, "none", {}]}},
        {"extension_settings": {"regex": [DOCUMENT]}},
        {"regex_scripts": [DOCUMENT]},
    ],
)
def test_files_that_hold_scripts(document: object) -> None:
    assert [script.document for script in scripts_of_file(document)] == [DOCUMENT]


@pytest.mark.parametrize("document", [None, 1, "x", {}, [], {"extensions": None}, {"data": [1]}])
def test_files_that_hold_none(document: object) -> None:
    assert scripts_of_file(document) == []


def test_anything_can_stand_in_a_field() -> None:
    odd: list[Any] = [None, 1, "x", [], {}, True, float("nan")]
    for key in DOCUMENT:
        for value in odd:
            RegexScript.of({**DOCUMENT, key: value})


@pytest.mark.parametrize(
    ("written", "source", "flags"),
    [
        ("/a/g", "a", "g"),
        ("a", "a", ""),
        ("/a", "/a", ""),
        ("a/g", "a/g", ""),
        ("/a/b/i", "a/b", "i"),
        ("/<x>.*?<\\/x>/gs", "<x>.*?<\\/x>", "gs"),
        ("/a/ what follows", "a", ""),
        ("first line\nsecond", "first line", ""),
        # Flags that SillyTavern does not know make the whole text the pattern.
        ("/a/y", "/a/y", ""),
        ("/a/gg", "/a/gg", ""),
        ("/a/q", "/a/q", ""),
    ],
)
def test_how_patterns_are_written(written: str, source: str, flags: str) -> None:
    pattern = pattern_of(written)
    assert (pattern.source, pattern.flags) == (source, flags)


@pytest.mark.parametrize("written", ["", "\n", "/(/", "(", "/a/x", "/a/A", "/a**/"])
def test_patterns_that_are_none(written: str) -> None:
    with pytest.raises(InvalidRegex):
        pattern_of(written)


@pytest.mark.parametrize(
    ("limits", "runs_at"),
    [
        ({}, {-1, 0, 1, 2, 3}),
        ({"minDepth": None, "maxDepth": None}, {-1, 0, 1, 2, 3}),
        ({"minDepth": 0}, {0, 1, 2, 3}),
        ({"minDepth": -1}, {-1, 0, 1, 2, 3}),
        ({"minDepth": -2}, {-1, 0, 1, 2, 3}),
        ({"minDepth": "2"}, {2, 3}),
        ({"maxDepth": 0}, {-1, 0}),
        ({"maxDepth": -1}, {-1, 0, 1, 2, 3}),
        ({"minDepth": 1, "maxDepth": 2}, {1, 2}),
        ({"minDepth": "no number"}, {-1, 0, 1, 2, 3}),
        ({"maxDepth": ""}, {-1, 0}),
    ],
)
def test_depths(limits: dict[str, Any], runs_at: set[int]) -> None:
    script = new_script(findRegex="a", promptOnly=True, **limits)
    depths = range(-1, 4)
    runs = {
        depth for depth in depths if script.is_for(Placement.AI_OUTPUT, Target.PROMPT, depth=depth)
    }
    assert runs == runs_at
    assert script.is_for(Placement.AI_OUTPUT, Target.PROMPT, depth=None)


@pytest.mark.parametrize(
    ("flags", "targets"),
    [
        ({}, {Target.STORED}),
        ({"markdownOnly": True}, {Target.SHOWN}),
        ({"promptOnly": True}, {Target.PROMPT}),
        ({"markdownOnly": True, "promptOnly": True}, {Target.SHOWN, Target.PROMPT}),
    ],
)
def test_targets(flags: dict[str, bool], targets: set[Target]) -> None:
    script = new_script(findRegex="a", **flags)
    assert {one for one in Target if script.is_for(Placement.AI_OUTPUT, one)} == targets


def test_edits_and_switched_off() -> None:
    script = new_script(findRegex="a", runOnEdit=False)
    assert script.is_for(Placement.AI_OUTPUT, Target.STORED)
    assert not script.is_for(Placement.AI_OUTPUT, Target.STORED, edited=True)
    assert not script.is_for(Placement.USER_INPUT, Target.STORED)
    off = script.changed(disabled=True)
    assert not off.is_for(Placement.AI_OUTPUT, Target.STORED)


def test_numbers_of_old_files() -> None:
    shown = new_script(findRegex="a", placement=[0])
    assert shown.placements == set(Placement)
    assert shown.targets == {Target.SHOWN, Target.PROMPT}
    assert new_script(placement=[4]).placements == {Placement.SLASH_COMMAND}
    assert new_script(placement=[4, 2]).placements == {Placement.AI_OUTPUT}
