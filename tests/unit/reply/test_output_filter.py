"""Stops, names, reasoning and continuation of a reply."""

from typing import Any

import pytest

from core.reply.output_filter import OutputFilter, OutputRules, trim_unfinished


def shown(text: str, **rules: Any) -> str:
    output = OutputFilter(OutputRules(**rules))
    for letter in text:
        output.feed(letter)
    output.finish()
    return output.text


def test_leading_space_and_own_name_go() -> None:
    assert shown(" Hello") == "Hello"
    assert shown(" Mira: Hello\n", names=("Mira",)) == "Hello"


def test_stop_split_over_chunks_shows_none_of_it() -> None:
    output = OutputFilter(OutputRules(stop=("\nUser:",)))
    seen = []
    for chunk in ("Hi.", "\nUs", "er: no", " more"):
        output.feed(chunk)
        seen.append(output.text)
    assert seen == ["Hi.", "Hi.", "Hi.", "Hi."]
    assert output.over


def test_speaking_for_the_person_from_the_start_is_cut() -> None:
    assert shown("User: I say", stop=("\nUser:",)) == ""


def test_false_alarm_is_released() -> None:
    assert shown("a\nUs two", stop=("\nUser:",)) == "a\nUs two"


def test_reasoning_is_kept_apart() -> None:
    output = OutputFilter(OutputRules())
    for letter in "<think>plan</think>\n\nHello":
        output.feed(letter)
    output.finish()
    assert (output.text, output.reasoning) == ("Hello", "plan")


def test_reasoning_without_opening_tag() -> None:
    output = OutputFilter(OutputRules())
    output.feed("plan to say hello")
    output.feed("</think>Hello")
    output.finish()
    assert (output.text, output.reasoning) == ("Hello", "plan to say hello")


def test_stop_inside_reasoning_does_not_end_the_reply() -> None:
    assert shown("<think>\nUser: x</think>Hello", stop=("\nUser:",)) == "Hello"


def test_continue_keeps_what_stood_and_the_joint() -> None:
    assert shown(" oak.", keeps="The") == "The oak."
    assert shown("\n\nNext", keeps="The") == "The\n\nNext"


@pytest.mark.parametrize(
    "header",
    [
        "<|im_start|>assistant\n",
        "<|start_header_id|>assistant<|end_header_id|>\n\n",
        "<|assistant|>",
        "<start_of_turn>model\n",
    ],
)
def test_the_beginning_of_the_own_turn_goes(header: str) -> None:
    assert shown(f"{header}Hello.") == "Hello."
    assert shown(f"<think>plan</think>{header}Hello.") == "Hello."


@pytest.mark.parametrize("mark", ["<|im_start|>user\n", "<|eot_id|>", "</s>", "<eos>", "<turn|>"])
def test_nothing_stands_behind_the_end_of_a_turn(mark: str) -> None:
    assert shown(f"Hello.{mark}And I?") == "Hello."
    assert shown(f"{mark}And I?") == ""


@pytest.mark.parametrize("text", ["<s>old</s> new", "Write `</s>` there.", "a < b", "<3", "[I]"])
def test_what_only_looks_like_the_end_of_a_turn_stays(text: str) -> None:
    assert shown(text) == text


def test_surrogates() -> None:
    assert shown("a\ud83d\ude00b") == "a😀b"
    assert shown("a\ud83db") == "a\ufffdb"
    assert shown("a\ud83d") == "a\ufffd"


@pytest.mark.parametrize(
    ("text", "trimmed"),
    [
        ("One. Two", "One."),
        ('He said "go." And', 'He said "go."'),
        ("no end", "no end"),
        ("行く。まだ", "行く。"),
        ("*waves* and", "*waves*"),
    ],
)
def test_trim_unfinished(text: str, trimmed: str) -> None:
    assert trim_unfinished(text) == trimmed
