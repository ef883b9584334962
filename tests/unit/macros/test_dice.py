"""Dice: the same seeds give the same results, within their bounds."""

import pytest

from core.macros.engine import Macros
from core.macros.environment import Environment
from core.macros.seeded_random import SeededRandom, text_hash


def test_seedrandom_is_the_npm_package() -> None:
    # The package's own documentation gives this value.
    assert SeededRandom("hello.").random() == 0.9282578795792454


def test_hash_is_cyrb53() -> None:
    assert text_hash("") == 3338908027751811
    assert text_hash("😀") != text_hash("?")


def test_pick_depends_on_chat_and_place_only() -> None:
    text = "{{pick::a::b::c::d}} {{pick::a::b::c::d}}"
    first = Macros(Environment(chat_seed=1, reply_seed=1)).expand(text)
    again = Macros(Environment(chat_seed=1, reply_seed=2)).expand(text)
    others = {Macros(Environment(chat_seed=seed)).expand(text) for seed in range(20)}
    assert first == again
    assert len(others) > 5


def test_pick_counts_utf16_units() -> None:
    plain = {Macros(Environment(chat_seed=n)).expand("xx{{pick::a::b}}") for n in range(9)}
    assert plain == {"xxa", "xxb"}


def test_random_follows_the_reply() -> None:
    text = "{{random::a::b::c::d}}{{random:a,b,c\\,d}}{{roll::3d6+1}}"
    results = {Macros(Environment(reply_seed=seed)).expand(text) for seed in range(30)}
    assert len(results) > 10
    assert Macros(Environment(reply_seed=4)).expand(text) in results


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("{{roll:1d1}}|{{roll::1d1+4}}|{{roll::nonsense}}|{{roll 1}}", "1|5||1"),
        ("{{roll::1001d6}}|{{roll::1d1000000001}}|{{roll::0d6}}", "||"),
        ("{{random::only}}{{random:solo}}{{random}}", "onlysolo"),
    ],
)
def test_dice(text: str, result: str) -> None:
    assert Macros(Environment()).expand(text) == result
