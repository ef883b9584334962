"""A lorebook with a hopeless pattern does not keep a prompt from being built."""

import pytest

from core.lorebook import ActiveBook, Entry, Lorebook, Sources
from core.patterns.matcher import SafeMatcher
from core.prompt.build import build_prompt
from core.prompt.context import Lore
from tests.unit.prompt.contexts import characters, context, said


def test_a_catastrophic_key_is_stopped_and_reported() -> None:
    book = Lorebook(
        name="Isle",
        entries=(
            Entry(uid=1, keys=("/(?:a|aa)+$/",), content="never"),
            Entry(uid=2, keys=("/ho+pe.*!/",), content="HOPE"),
        ),
    )
    with SafeMatcher() as matcher:
        hopeless = context(
            history=said("Hello.", "hope " + "a" * 60 + "!"),
            lore=Lore(Sources(shared=(ActiveBook("7", book),))),
            matcher=matcher,
        )
        prompt = build_prompt(hopeless, characters)
    assert prompt.text.endswith("Mira:")
    assert [one.entry.uid for one in prompt.lore.activated] == [2]
    assert any("(?:a|aa)+$" in one.key for one in prompt.lore.stopped)


@pytest.mark.parametrize(
    "key", ["/((a{1,1000}){1,1000}){1,1000}b$/", r"/(?:\S{1,10}\s){0,400}dragon/"]
)
def test_a_key_of_boundless_expansion_costs_itself_and_not_the_turn(key: str) -> None:
    entries = (Entry(uid=1, keys=(key,), content="1"), Entry(uid=2, keys=("/ho+pe/",), content="2"))
    book = Lorebook(name="Isle", entries=entries)
    with SafeMatcher() as matcher:
        hopeless = context(
            history=said("Hello.", "hope " + "a" * 60 + " dragon"),
            lore=Lore(Sources(shared=(ActiveBook("7", book),))),
            matcher=matcher,
        )
        prompt = build_prompt(hopeless, characters)
    assert 2 in [one.entry.uid for one in prompt.lore.activated]
    if "dragon" not in key:
        assert [one.key for one in prompt.lore.stopped] == [key]
