"""Instruct templates at work: sequences, names, openings, stop strings."""

import pytest

from core.presets.templates import InstructTemplate, NamesBehavior, SystemPrompt
from core.prompt.build import build_prompt
from core.prompt.context import (
    AuthorsNote,
    Formatting,
    Group,
    GroupMember,
    HistoryMessage,
    Purpose,
)
from tests.unit.prompt.contexts import CHATML, characters, context, mira, said


def template(**changes: object) -> InstructTemplate:
    marks = {
        "input_sequence": "<in>",
        "input_suffix": "</in>",
        "output_sequence": "<out>",
        "output_suffix": "</out>",
        "system_sequence": "<sys>",
        "system_suffix": "</sys>",
        "wrap": False,
        "names_behavior": NamesBehavior.NONE,
    }
    return InstructTemplate.model_validate(marks | changes)


def text_of(instruct: InstructTemplate, **changes: object) -> str:
    """The prompt without card and system prompt."""
    bare = {"character": mira(description=""), "system_prompt": SystemPrompt(enabled=False)}
    text = build_prompt(context(instruct=instruct, **(bare | changes)), characters).text
    return text.removeprefix("***\n")


def test_sequences_and_suffixes() -> None:
    lines = (*said("A.", "B."), HistoryMessage("Voice", "C.", narrator=True))
    assert text_of(template(), history=lines) == "<out>A.</out><in>B.</in><sys>C.</sys><out>"


def test_first_and_last_variants() -> None:
    variants = template(
        first_output_sequence="<out1>", last_input_sequence="<inZ>", last_output_sequence="<outZ>"
    )
    text = text_of(variants, history=said("A.", "B.", "C.", "D."))
    assert text == "<out1>A.</out><in>B.</in><out>C.</out><inZ>D.</in><outZ>"


@pytest.mark.parametrize(
    ("behavior", "grouped", "text"),
    [
        ("none", False, "<out>A.</out><in>B.</in><out>"),
        ("force", False, "<out>A.</out><in>B.</in><out>"),
        ("always", False, "<out>Mira: A.</out><in>Tobin: B.</in><out>Mira:"),
        ("force", True, "<out>Mira: A.</out><in>B.</in><out>Mira:"),
    ],
)
def test_names(behavior: str, grouped: bool, text: str) -> None:
    group = Group((GroupMember(mira()), GroupMember(mira(name="Bram")))) if grouped else None
    assert text_of(template(names_behavior=behavior), history=said("A.", "B."), group=group) == text


def test_every_person_is_named_where_several_speak() -> None:
    lines = (*said("A.", "B."), HistoryMessage("Ann", "C.", is_user=True))
    text = text_of(template(), history=lines, people_named=True)
    assert text == "<out>A.</out><in>Tobin: B.</in><in>Ann: C.</in><out>"


def test_wrap_and_empty_suffix() -> None:
    wrapped = template(wrap=True, input_suffix="", output_suffix="")
    assert text_of(wrapped, history=said("A.", "B.")) == "<out>\nA.\n<in>\nB.\n<out>\n"


def test_name_macro() -> None:
    named = template(input_sequence="[{{name}}]", system_sequence="[{{name}}]", system_suffix="")
    lines = (*said("A.", "B."), HistoryMessage("Voice", "C.", narrator=True))
    note = AuthorsNote("N.", depth=0)
    text = text_of(named, history=lines, note=note)
    assert text == "<out>A.</out>[Tobin]B.</in>[Voice]C.[Mira]N.<out>"


@pytest.mark.parametrize(
    ("purpose", "end"),
    [
        (Purpose.NORMAL, "<in>B.</in><out>"),
        (Purpose.IMPERSONATE, "<in>B.</in><in>"),
        (Purpose.QUIET, "<in>B.</in><sys>Sum up.</sys><sysZ>"),
        (Purpose.CONTINUE, "<out>A.</out><in>B."),
    ],
)
def test_openings(purpose: Purpose, end: str) -> None:
    text = text_of(
        template(last_system_sequence="<sysZ>"),
        history=said("A.", "B."),
        purpose=purpose,
        quiet_prompt="Sum up.",
    )
    assert text.endswith(end)


def test_reply_start() -> None:
    start = Formatting(reply_start=" *{{char}} nods*")
    assert text_of(template(), formatting=start).endswith("<out>*Mira nods*")
    always = template(names_behavior="always")
    assert text_of(always, formatting=start).endswith("<out>Mira: *Mira nods*")


def test_space_of_the_usual_sequence_before_the_name() -> None:
    spaced = template(
        names_behavior="always", output_sequence="[/INST] ", last_output_sequence="[/INST]"
    )
    assert text_of(spaced).endswith("[/INST] Mira:")


def test_user_alignment() -> None:
    aligned = template(user_alignment_message="Begin, {{char}}.")
    assert text_of(aligned, history=said("A.", "B.")).startswith("<in>Begin, Mira.</in><out>")
    assert text_of(aligned, history=said("A.")).startswith("<in>A.</in>")


def test_stop_strings() -> None:
    prompt = build_prompt(
        context(
            instruct=CHATML,
            formatting=Formatting(single_line=True, custom_stop=("{{user}} says", "", "\nTobin:")),
        ),
        characters,
    )
    assert prompt.stop == (
        "\n",
        "\nTobin:",
        "\n<|im_end|>",
        "\n<|im_start|>user",
        "\n<|im_start|>assistant",
        "\n<|im_start|>system",
        "Tobin says",
    )


def test_old_files_are_read() -> None:
    old = InstructTemplate.model_validate(
        {
            "separator_sequence": "</s>",
            "names": False,
            "names_force_groups": True,
            "system_sequence_prefix": "S",
            "wrap": None,
            "activation_regex": "x",
            "unknown": 1,
        }
    )
    assert (old.output_suffix, old.names_behavior, old.story_string_prefix) == (
        "</s>",
        "force",
        "S",
    )
    assert old.wrap
    assert old.model_dump()["unknown"] == 1
