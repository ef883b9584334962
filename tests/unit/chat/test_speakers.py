"""Who answers."""

import random
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from core.chat.speakers import PossibleSpeaker, choose

MIRA = PossibleSpeaker(1, "Mira")
BRAM = PossibleSpeaker(2, "Old Bram")
YUKI = PossibleSpeaker(3, "雪")
CAST = [MIRA, BRAM, YUKI]


def ask(text: str, cast: Sequence[PossibleSpeaker] = CAST, last: int | None = None) -> list[int]:
    return choose(cast, text, last, random.Random(1))


def test_the_only_one_present_answers() -> None:
    assert ask("hello", [MIRA]) == [1]
    assert ask("hello", [MIRA, PossibleSpeaker(2, "Bram", muted=True)]) == [1]
    assert ask("hello", []) == []


def test_named_ones_answer_in_order() -> None:
    assert ask("Bram, tell MIRA about it") == [2, 1]
    assert ask("雪さん、こんにちは") == [3]


def test_a_name_inside_another_word_is_no_call() -> None:
    quiet = [PossibleSpeaker(1, "Ann", talkativeness=0), PossibleSpeaker(2, "Bo", talkativeness=0)]
    assert ask("the planning", quiet, last=1) == [2]


@given(st.text(), st.integers())
def test_somebody_always_answers(text: str, seed: int) -> None:
    chosen = choose(CAST, text, 1, random.Random(seed))
    assert chosen
    assert len(set(chosen)) == len(chosen)
