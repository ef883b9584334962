"""The tokens of one text, counted as a prompt's are."""

import math
from dataclasses import dataclass

from core.errors import BackendError, TavernError
from core.models_in_use.active_model import ActiveModel
from core.models_in_use.backend_pool import BackendPool
from core.models_in_use.token_counter import TokenCounter, prime
from core.options.table import TOKENIZER
from core.tokenizers.store import Watcher
from core.tokenizers.tokenizer import Estimate


@dataclass(frozen=True, slots=True)
class TokenCount:
    """A count and what it rests on. `fault` is why the server did not count."""

    tokens: int
    characters: int
    token_counter: TokenCounter
    fault: TavernError | None = None

    @property
    def is_exact(self) -> bool:
        return self.token_counter.is_exact and self.fault is None

    @property
    def ratio(self) -> float:
        return self.characters / self.tokens if self.tokens else 0.0


async def count_tokens(
    backend_pool: BackendPool, active_model: ActiveModel, text: str, watch: Watcher | None = None
) -> TokenCount:
    """Counts a text for the model of a place; `watch` hears of a download this waits for."""
    counter = await backend_pool.token_counter(
        active_model.connection,
        active_model.kind,
        active_model.model,
        active_model.options[TOKENIZER],
        watch,
    )
    try:
        await prime(counter.counter, (text,))
    except BackendError as error:
        return TokenCount(Estimate().count(text), len(text), counter, error)
    tokens = counter.counter.known(text) or 0
    return TokenCount(math.ceil(tokens * counter.factor), len(text), counter)
