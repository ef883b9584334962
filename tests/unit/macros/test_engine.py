"""The macro engine: syntax, nesting, scopes, what stays as written, and its bounds."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.macros.engine import Macros
from core.macros.environment import CardFields, Environment, MacroNames
from core.macros.registry import MAX_OUTPUT, all_macros, markdown_table, registry

GOLDEN = Path(__file__).parents[2] / "golden" / "macros.json"
NAMES = MacroNames("Tobin", "Mira", "Mira, Bram", "Mira", "Bram")


def expand(text: str, **known: object) -> str:
    return Macros(Environment(names=NAMES, **known)).expand(text)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("{{user}} {{ Char }} {{cHaR}}", "Tobin Mira Mira"),
        ("{{reverse::abc}}{{reverse:abc}}{{reverse abc def}}", "cbacbafed cba"),
        ("{{reverse:abc::def}}", "fed::cba"),
        ("{{reverse::{{user}}}}", "niboT"),
        ("{{reverse::pre-{ {{user}} }-post}}", "tsop-} niboT {-erp"),
        ("{{{user}}}", "{Tobin}"),
        ("{{{{char}}}}", "{{Mira}}"),
        ("{{user's}}", "Tobin"),
        ("<USER> <bot> <Char> <GROUP> <CHARIFNOTGROUP>", "Tobin Mira Mira Mira, Bram Mira, Bram"),
        (r"\{\{user\}\}", "{{user}}"),
        (r"a \} b", "a } b"),
        ("{{!user}}{{?user}}{{~user}}{{>user}}", "Tobin" * 4),
        ("{{// gone}}x{{//}}two\nlines{{///}}y", "xy"),
        ("a\n\n{{trim}}\r\n\nb{{trim}}  c  {{/trim}}d", "abcd"),
        ("{{noop}}{{newline::2}}|{{space::3}}|", "\n\n|   |"),
        ("{{isMobile}}{{hasExtension::x}}{{banned::delve}}", "falsefalse"),
    ],
)
def test_known_macros(text: str, result: str) -> None:
    assert expand(text) == result


@pytest.mark.parametrize(
    "text",
    [
        "{{nosuch}}",
        "{{char::extra}}",
        "{{reverse}}",
        "{{reverse::a::b}}",
        "{{space::x}}",
        "{{space::-1}}",
        "{{original}}",
        "{{ 1 }}",
        "{{}}",
        "{{§§ x}}",
        "{{ hehe",
        "Foo }} bar",
        "{{/if}}",
        "{{if cond::text}}",
    ],
)
def test_stays_as_written(text: str) -> None:
    assert expand(text) == text


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("{{nosuch::{{user}}}}", "{{nosuch::Tobin}}"),
        ("{{user Something {{char}}}}", "{{user Something Mira}}"),
        ("{{ hehe {{user}}", "{{ hehe Tobin"),
        ("{{&& hehe {{user}}", "{{&& hehe Tobin"),
        ("{{nosuch}} {{user}} {{/nosuch}}", "{{nosuch}}Tobin}}"),
    ],
)
def test_inner_macros_of_what_stays(text: str, result: str) -> None:
    assert expand(text) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("{{if user}}a{{else}}b{{/if}}", "a"),
        ("{{if !user}}a{{else}}b{{/if}}", "b"),
        ("{{if off}}a{{/if}}|{{if 0}}a{{/if}}|{{if False}}a{{/if}}|{{if x}}a{{/if}}", "|||a"),
        ("{{if::{{persona}}::a}}|{{if::yes::a}}", "|a"),
        ("{{if .x}}a{{else}}b{{/if}}{{.x=1}}{{if .x}}a{{/if}}", "ba"),
        ("{{if user}}{{if persona}}1{{else}}2{{/if}}{{else}}3{{/if}}", "2"),
        ("{{if user}}\n    one\n      two\n{{/if}}", "one\n  two"),
        ("{{#if user}}\n  one\n{{/if}}", "\n  one\n"),
        ("{{if persona}}{{.y=1}}{{/if}}[{{.y}}]", "[]"),
        ("{{setvar::a}}  scoped {{user}} {{/setvar}}[{{getvar::a}}]", "[scoped Tobin]"),
        ("a {{else}} b{{if {{else}}}}c{{/if}}{{.x={{else}}}}{{if .x}}d{{/if}}", "a  b"),
        ("{{trim}}\n{{else}}\na", "\na"),
        ("{{if user}}a {{char b{{else}}c{{/if}}", "a {{char bc"),
        ("{{if user}}a {{.b {{else}}c{{/if}}", "a {{.b"),
    ],
)
def test_conditions_and_scopes(text: str, result: str) -> None:
    assert expand(text) == result


def test_equal_to_known_outputs() -> None:
    """What SillyTavern 1.19.0 gives for texts of ours."""
    environment = Environment(
        names=MacroNames("Tobin", "Mira", "Mira", "Mira", "Tobin"),
        card=lambda: CardFields(
            system_prompt="SYS",
            instructions="JB",
            description="Desc",
            scenario="Scen",
            persona="Pers",
            version="7",
            depth_prompt="DP",
            creator_notes="N",
            greetings=("Hello", "Alt"),
        ),
        context_size=8192,
        reply_size=350,
        prompts={"exampleSeparator": "***", "chatStart": "***", "defaultSystemPrompt": "CONTENT"},
        chat_seed=1234567,
        purpose="",
    )
    for text, result in json.loads(GOLDEN.read_text(encoding="utf-8")):
        assert Macros(environment).expand(text) == result, text


def test_extra_macros_belong_to_one_text() -> None:
    macros = Macros(Environment())
    assert macros.expand("{{lastChatMessage}}", extra={"lastchatmessage": "{{x}}"}) == "{{x}}"
    assert macros.expand("{{lastChatMessage}}") == "{{lastChatMessage}}"


def test_values_are_not_expanded_again() -> None:
    assert expand("{{model}}", model="{{user}}") == "{{user}}"


def test_card_macros_can_be_switched_off() -> None:
    macros = Macros(Environment(names=NAMES))
    assert macros.expand("[{{description}}{{user}}]", card=False) == "[Tobin]"


def test_original_is_given_once() -> None:
    macros = Macros(Environment(names=NAMES))
    assert macros.expand("{{original}}|{{original}}", original="{{user}}") == "{{user}}|"


def test_depth_is_bounded() -> None:
    text = "{{reverse::" * 60 + "x" + "}}" * 60
    assert len(expand(text)) < len(text) * 2


def test_output_is_bounded() -> None:
    doubling = "{{.x=ab}}" + "{{.x={{.x}}{{.x}}}}" * 40 + "{{.x}}"
    assert len(expand(doubling)) <= MAX_OUTPUT
    assert len(expand("{{space::999999999}}" * 5)) <= MAX_OUTPUT + 100


def test_many_macros_end_in_plain_text() -> None:
    text = "{{user}}" * 20_000
    result = expand(text)
    assert result.startswith("Tobin" * 9_000)
    assert result.endswith("{{user}}")


def test_every_macro_has_a_sentence_of_help() -> None:
    for macro in registry().values():
        assert macro.help.endswith((".", "…")), macro.name


def test_the_table_has_every_macro_once() -> None:
    rows = markdown_table().splitlines()[2:]
    assert len(rows) == len(all_macros()) == len(set(registry().values()))
    assert "| `{{newline::[count]}}` |  | A line end, or as many as you say. |" in rows
    assert any(row.startswith("| `{{charFirstMessage::[number]}}` | `greeting` |") for row in rows)


PIECES = st.sampled_from(
    [
        *("{{", "}}", "{", "}", "::", ":", "/", "#", "!"),
        *("~", ">", ".", "$", "=", "+=", "++", "||=", "if"),
        *("else", "user", "setvar", "getvar", "x", "trim", "//", "pick", "random"),
        *("roll", "1d6", "space", "9", "-1", "reverse", "original", "addvar", "<USER>"),
        *("\\", "é", "😀", ",", " ", "\n"),
    ]
)


@given(st.lists(PIECES, max_size=60).map("".join))
def test_total_and_bounded(text: str) -> None:
    macros = Macros(Environment(names=NAMES))
    result = macros.expand(text)
    assert len(result) <= MAX_OUTPUT + 2 * len(text)
    assert all(write.name for write in macros.effects)


@given(st.text(max_size=300))
def test_total_on_any_text(text: str) -> None:
    assert isinstance(expand(text), str)
