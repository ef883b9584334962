"""The tokens of one text, counted as a prompt's are."""

import math
from dataclasses import dataclass

from core.engine.counted import Counted
from core.engine.prompter import prime
from core.engine.servers import Servers
from core.engine.standing import Standing
from core.errors import BackendError, TavernError
from core.options import TOKENIZER
from core.tokenizers.download import Watcher
from core.tokenizers.estimate import Estimate


@dataclass(frozen=True, slots=True)
class Tally:
    """A count and what it rests on. `fault` is why the server did not count."""

    tokens: int
    characters: int
    counted: Counted
    fault: TavernError | None = None

    @property
    def is_exact(self) -> bool:
        """Whether it is the model's own count."""
        return self.counted.is_exact and self.fault is None

    @property
    def ratio(self) -> float:
        """Characters a token."""
        return self.characters / self.tokens if self.tokens else 0.0


async def tally(
    servers: Servers, standing: Standing, text: str, watch: Watcher | None = None
) -> Tally:
    """Counts a text for the model of a place; `watch` hears of a download this waits for."""
    counted = await servers.counted(
        standing.connection, standing.kind, standing.model, standing.options[TOKENIZER], watch
    )
    try:
        await prime(counted.counter, (text,))
    except BackendError as error:
        return Tally(Estimate().count(text), len(text), counted, error)
    tokens = counted.counter.known(text) or 0
    return Tally(math.ceil(tokens * counted.factor), len(text), counted)
