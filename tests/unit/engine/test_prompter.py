"""A prompt that a server counts: its count holds, and it is asked a bounded number of times."""

from collections.abc import Sequence

import pytest

from core.engine.prompter import ESTIMATED, ROUNDS, build
from core.kind import Kind
from core.models_in_use.token_counter import TokenCounter
from core.prompt.context import Sizes
from core.tokenizers.best_match import Match, TokenizerRule
from core.tokenizers.tokenizer import Counter, Joins
from tests.property.test_fit import FIRST, LAST, Chance, grudging
from tests.unit.prompt.contexts import context, mira, said


class Server:
    """A model's server that counts, otherwise than anybody would guess."""

    id = "api"
    is_exact = True
    joins = Joins.UNKNOWN

    def __init__(self) -> None:
        self.asked = 0
        self.letters = 0

    def count(self, text: str) -> int:
        raise AssertionError("it is asked for many at once")

    async def count_many(self, texts: Sequence[str]) -> list[int]:
        self.asked += 1
        self.letters += sum(map(len, texts))
        return [grudging(text) for text in texts]

    def encode(self, text: str) -> list[int]:
        return []


def counter_of(server: Server) -> TokenCounter:
    match = Match("api", TokenizerRule.BACKEND)
    return TokenCounter(Counter(server, remote=True), match, model="m", specials=1)


@pytest.mark.parametrize("size", [600, 2048])
async def test_a_card_of_100_000_letters(size: int) -> None:
    server = Server()
    card = mira(description="Mira keeps the light. " * 5_000, scenario="storm " * 200)
    one = context(character=card, history=said("Hi.", "Hello unicorn."), sizes=Sizes(size, 100, 1))
    built = await build(one, counter_of(server))
    prompt = built.prompt
    assert ESTIMATED not in prompt.notes
    assert "Hello unicorn." in prompt.text
    assert size - 200 < grudging(prompt.text) + 1 <= size - 100


@pytest.mark.parametrize("seed", range(8))
async def test_its_count_is_never_over(seed: int) -> None:
    server = Server()
    one = Chance(seed).context(Kind.TEXT)
    built = await build(one, counter_of(server))
    prompt, sizes = built.prompt, one.sizes
    assert ESTIMATED not in prompt.notes
    if prompt.report.misfit is None:
        assert grudging(prompt.text) + sizes.padding <= sizes.context - sizes.reply
        assert FIRST in prompt.text
        assert LAST in prompt.text


async def test_a_story_that_fits_easily_is_not_counted_as_a_whole() -> None:
    server = Server()
    one = context(history=said("Hi.", "Hello unicorn."), sizes=Sizes(4000, 100, 1))
    await build(one, counter_of(server))
    assert server.asked < ROUNDS
    assert server.asked <= 2
