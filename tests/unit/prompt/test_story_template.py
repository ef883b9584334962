"""Story strings: equal to Handlebars.js, refused with a place, nothing but names handed on."""

import json
import re
import string
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidTemplate
from core.prompt.handlebars.template import VARIABLES, PieceSource, StoryTemplate, read_template
from tests.story_grammar import Grammar

GOLDEN = json.loads(
    (Path(__file__).parents[2] / "golden" / "handlebars.json").read_text(encoding="utf-8")
)
ONLY_OURS = re.compile(r"(?:\{\{(?:&s\d+|#if s\d+|else|/if)\}\})*")
ONE_NAME = re.compile(r"""[^\s!"#%&'()*+,./;<=>@\[\\\]^`{|}~]+""")
"""All that is handed on to the macro engine: no paths, brackets, quotes or calls."""


def render(template: str, values: dict[str, str]) -> str:
    return read_template(template).render(values, lambda name: "{{" + name + "}}")


@pytest.mark.parametrize("number", range(0, len(GOLDEN), 20))
def test_equal_to_handlebars(number: int) -> None:
    for case in GOLDEN[number : number + 20]:
        if "text" in case:
            assert render(case["template"], case["values"]) == case["text"], case["template"]
        else:
            with pytest.raises(InvalidTemplate):
                read_template(case["template"])


@pytest.mark.parametrize(
    ("template", "line", "column"),
    [
        ("{{// note}}", 1, 1),
        ("a\nb {{#if x}}", 2, 3),
        ("a\nb {{/if}}", 2, 3),
        ("{{#if x}}\n{{/unless}}", 2, 1),
        ("one {{x", 1, 5),
        ("{{#if a}}{{else}}\n\n {{else}}{{/if}}", 3, 2),
        ("{{> partial}}", 1, 1),
        ("{{#each this}}{{/each}}", 1, 1),
        ("{{if x}}", 1, 1),
        ("{{user x}}", 1, 1),
        ("{{{{raw}}}}", 1, 1),
        ("{{#if x}}" * 33 + "{{/if}}" * 33, 1, 289),
        ("{{#if x}}{{/if}}" * 41, 1, 641),
        ("{{x}}" * 513, 1, 2561),
        ("é" * 9000, 1, 1),
    ],
)
def test_refused_with_place(template: str, line: int, column: int) -> None:
    with pytest.raises(InvalidTemplate) as refused:
        read_template(template)
    assert (refused.value.facts["line"], refused.value.facts["column"]) == (line, column)


def test_unknown_names_are_handed_on_once_and_only_in_the_branch_taken() -> None:
    asked: list[str] = []

    def hand_on(name: str) -> str:
        asked.append(name)
        return name.upper()

    story = read_template(
        "{{#if user}}{{a}}{{else}}{{b}}{{/if}}{{#roll::1d6}}{{this}}{{this}}{{/roll::1d6}}"
    )
    assert story.render({"user": "Ann"}, hand_on) == "AROLL::1D6ROLL::1D6"
    assert asked == ["a", "roll::1d6"]


def test_output_is_bounded() -> None:
    story = read_template("{{description}}" * 400)
    assert len(story.render({"description": "x" * 2000}, str)) <= 256 * 1024


def hostile_templates() -> list[str]:
    """Templates that try to get at code, attributes or brackets."""
    payloads = [
        "a.['+str(__import__('os').getpid())+']",
        "[x'+open('/etc/passwd').read()+']",
        "this.__class__.__mro__",
        "x.__init__.__globals__",
        "lookup this '__class__'",
        "../../x",
        "@root.x",
        "#with __builtins__",
        "s0",
        "&s0",
        "#if s0",
        "constructor.prototype",
        "(eval 'x')",
        "#if (lookup . 'a')",
        "#each this as |x|",
        "\\u005b",
        "x\x00y",
        "\"'+1+'\"",
        "{{{{raw}}}}",
        "!--",
        "helperMissing",
        "#blockHelperMissing x",
    ]
    frames = [
        "{{%s}}",
        "{{{%s}}}",
        "{{&%s}}",
        "a\n{{~%s~}}",
        "{{#if x}}{{%s}}{{/if}}",
        "{{%s",
        "\\{{%s}}",
    ]
    made = [frame.replace("%s", payload) for frame in frames for payload in payloads]
    noise = Grammar(7).random
    alphabet = "{}[]().'\"#/^&~!@|\\ \n" + "ab_s01" + string.punctuation
    while len(made) < 1200:
        inside = "".join(noise.choice(alphabet) for _ in range(noise.randint(1, 30)))
        made.append("{{" + inside + "}}" + noise.choice(["", "{{/if}}", "{{else}}"]))
    return made


def names_handed_on(story: StoryTemplate) -> list[str]:
    pieces = [piece for slot in story.slots for piece in slot]
    macros = [piece.name for piece in pieces if piece.source is PieceSource.MACRO]
    held = [piece.name for piece in pieces if piece.source is PieceSource.HOLD]
    return macros + [name.partition(":")[2] for name in held]


def test_hostile_templates_never_reach_the_compiler() -> None:
    for template in hostile_templates():
        try:
            story = read_template(template)
        except InvalidTemplate:
            continue
        assert ONLY_OURS.fullmatch(story.skeleton), template
        assert all(map(ONE_NAME.fullmatch, names_handed_on(story))), template


@settings(deadline=None)
@given(st.text(alphabet="{}#/^~& \nifelsuwthachr_:'\"!-.[]", max_size=200))
def test_reading_is_total(template: str) -> None:
    try:
        story = read_template(template)
    except InvalidTemplate:
        return
    assert ONLY_OURS.fullmatch(story.skeleton)
    assert all(map(ONE_NAME.fullmatch, names_handed_on(story)))


@settings(deadline=None)
@given(st.integers(0, 10**6))
def test_rendering_is_total(seed: int) -> None:
    grammar = Grammar(seed)
    template = grammar.template()
    try:
        story = read_template(template)
    except InvalidTemplate:
        return
    if story.skeleton.count("{{#if") <= 3:
        assert isinstance(story.render(grammar.values(), str), str)


def test_variables_are_those_of_the_story_string() -> None:
    assert {"system", "wiBefore", "anchorAfter", "mesExamplesRaw"} < VARIABLES
