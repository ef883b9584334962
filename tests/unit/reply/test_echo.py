"""A reply behind words that stand already, by a model that began anew."""

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.reply.echo import behind
from core.reply.output_filter import OutputFilter, OutputRules


@pytest.mark.parametrize(
    ("start", "body", "whole"),
    [
        ("*She nods.* I", "know.", "*She nods.* I know."),
        ("*She nods.* I", " know.", "*She nods.* I know."),
        ("*She nods.* I", "*She nods.* I know.", "*She nods.* I know."),
        ("*She nods.* I ", "*She nods.* I know.", "*She nods.* I know."),
        ("*She nods.*", "Hello.", "*She nods.* Hello."),
        ("*She nods.*", "\n\nHello.", "*She nods.*\n\nHello."),
        ("*She", "nods.*", "*She nods.*"),
        ('"', "Hello.", '"Hello.'),
        ("Once upon a time", ", there was", "Once upon a time, there was"),
        ("彼女は", "うなずく。", "彼女はうなずく。"),
        ("彼女は", "彼女はうなずく。", "彼女はうなずく。"),
    ],
)
def test_the_words_stand_once_and_set_off(start: str, body: str, whole: str) -> None:
    assert start + behind(start, body, ended=True) == whole


@given(
    start=st.text("ab *.", min_size=1, max_size=12).filter(lambda text: text.strip() != ""),
    rest=st.text("xyz .", min_size=1, max_size=12).filter(lambda text: text.strip() != ""),
    cuts=st.lists(st.integers(0, 24), max_size=5),
    repeats=st.booleans(),
)
def test_a_repetition_never_shows_however_it_is_split(
    start: str, rest: str, cuts: list[int], repeats: bool
) -> None:
    assume(not rest.strip().startswith(start.strip()))
    text = start + rest if repeats else rest
    output = OutputFilter(OutputRules(keeps=start, begins_anew=start))
    places = sorted({0, *(min(cut, len(text)) for cut in cuts), len(text)})
    shown = []
    for left, right in pairwise(places):
        output.feed(text[left:right])
        shown.append(output.text)
    output.finish()
    assert output.text.startswith(start)
    assert output.text[len(start) :].split() == rest.split()
    for one in shown:
        assert one.startswith(start)
        assert one.count("a") + one.count("b") == start.count("a") + start.count("b")


def test_a_name_before_the_repetition_goes_too() -> None:
    output = OutputFilter(OutputRules(keeps="*She nods.*", begins_anew="*She nods.*", names=["M"]))
    output.feed("M: *She nods.* Aye.")
    output.finish()
    assert output.text == "*She nods.* Aye."
