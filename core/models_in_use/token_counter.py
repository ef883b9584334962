"""Who counts a model's tokens, how far that can be relied on, and what is kept free for it."""

import asyncio
import time
from dataclasses import dataclass

from core.errors import TavernError, TimedOut
from core.kind import Kind
from core.prompt.context import ChatCounting
from core.tokenizers.best_match import Match, is_own
from core.tokenizers.catalog import TokenizerRow, find
from core.tokenizers.tokenizer import Counter

PATIENCE = 10.0
"""Seconds for all counts of one round; a reply does not wait longer for a number."""
REST = 3.0
"""Seconds in which a server that was too slow is not asked again: no reply waits twice for it."""


@dataclass(frozen=True, slots=True)
class TokenCounter:
    """The counter of one reply. `unfit` is somebody's choice that does not apply here."""

    counter: Counter
    match: Match
    fault: TavernError | None = None
    """Why another tokenizer stands in for the wanted one."""
    unfit: str = ""
    factor: float = 1.0
    """What an estimate is multiplied with; 1 for real tokenizers."""
    model: str = ""
    specials: int = 0
    """Tokens that the server puts around each prompt (BOS), where it counts by itself."""

    @property
    def wanted(self) -> TokenizerRow:
        return find(self.match.tokenizer)

    @property
    def by(self) -> TokenizerRow:
        return find(self.counter.tokenizer.id)

    @property
    def is_remote(self) -> bool:
        return self.counter.remote

    @property
    def is_exact(self) -> bool:
        """Whether the counts are the model's own; all others are estimates."""
        if self.fault is not None or not self.counter.tokenizer.is_exact:
            return False
        return self.is_remote or is_own(self.match.tokenizer, self.model)

    @property
    def key(self) -> str:
        """The name under which its counts are kept; empty for estimates, which are corrected."""
        if self.is_remote:
            return f"{self.by.id}/{self.model}" if self.model else ""
        return self.by.id if self.counter.tokenizer.is_exact else ""

    @property
    def chat_counting(self) -> ChatCounting:
        """How the counts of a chat message's fields add up."""
        if self.wanted.kind == "tiktoken":
            return ChatCounting.OPENAI
        return ChatCounting.CLAUDE if self.wanted.id == "claude" else ChatCounting.JOINED

    def padding(self, kind: Kind, wish: int) -> int:
        """Tokens of the context kept free: what a server that counts by itself adds, else the
        wish; none for chat, which is counted with the model's own tokenizer."""
        if kind is Kind.CHAT:
            return 0
        return self.specials if self.is_remote else wish


async def prime(counter: Counter, texts: tuple[str, ...]) -> None:
    """Counts all texts. Raises BackendError, in time for a reply not to wait."""
    if time.monotonic() < counter.rests_until:
        raise TimedOut(seconds=PATIENCE, phase="count")
    try:
        async with asyncio.timeout(PATIENCE):
            await counter.prime(texts)
    except (TimedOut, TimeoutError) as error:
        counter.rests_until = time.monotonic() + REST
        raise TimedOut(seconds=PATIENCE, phase="count") from error
