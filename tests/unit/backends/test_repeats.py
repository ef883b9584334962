"""Servers that say again what they have said."""

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.backends.repeats import Repeats
from core.backends.types import Delta, Finish

TEXT = "Hello there, traveller. Come in and sit down; the ale is fresh."


def said(deltas: Iterable[Delta]) -> tuple[str, str]:
    repeats = Repeats()
    found = [repeats.new(delta) for delta in deltas]
    found.append(repeats.rest())
    return "".join(one.text for one in found), "".join(one.reasoning for one in found)


def pieces(text: str, sizes: list[int]) -> list[str]:
    found, start = [], 0
    for size in [*sizes, len(text)]:
        found.append(text[start : start + size])
        start += size
    return [piece for piece in found if piece]


sizes = st.lists(st.integers(1, 12), max_size=20)


@given(st.text(), sizes)
def test_pieces_of_any_text_come_through(text: str, sizes: list[int]) -> None:
    cut = pieces(text, sizes)
    by_chance = any(b.startswith(a) for a, b in pairwise(cut))
    if not by_chance:
        assert said(map(Delta, cut))[0] == text


@given(sizes, st.booleans(), st.booleans())
def test_a_last_frame_with_the_whole_is_a_summary(
    sizes: list[int], marked: bool, after_the_end: bool
) -> None:
    cut = [Delta(piece, reasoning=piece) for piece in pieces(TEXT, sizes)]
    if after_the_end:
        cut.append(Delta(finish=Finish.STOP))
    last = Delta(TEXT, TEXT, finish=Finish.STOP, whole=marked)
    assert said([*cut, last]) == (TEXT, TEXT)


@given(sizes)
def test_texts_that_grow_are_the_text_so_far(sizes: list[int]) -> None:
    cut = pieces(TEXT, sizes)
    grown = ["".join(cut[: number + 1]) for number in range(len(cut))]
    repeated = [*map(Delta, grown), Delta(TEXT), Delta(TEXT, finish=Finish.STOP)]
    assert said(repeated)[0] == TEXT


def test_a_summary_that_holds_more_brings_the_rest() -> None:
    assert said([Delta("Hello "), Delta("Hello there.", whole=True)])[0] == "Hello there."
    assert said([Delta(reasoning="hm"), Delta("Hello.", "hm", whole=True)]) == ("Hello.", "hm")
    assert said([Delta("Hello."), Delta("", "hm", whole=True)]) == ("Hello.", "hm")


@pytest.mark.parametrize(
    "parts",
    [
        ["ha", "ha", "ha"],
        ["No", " no", " no."],
        ["*", "*", "bold"],
        ["Ha", "Haha", "!"],
        ["I", "I", "I"],
        [" ", " the", " cat"],
        ["-", "--", "-"],
        ["Go", "Gone", " home"],
    ],
)
def test_words_that_repeat_themselves_stay(parts: list[str]) -> None:
    deltas = [*map(Delta, parts), Delta(finish=Finish.STOP)]
    assert said(deltas)[0] == "".join(parts)
