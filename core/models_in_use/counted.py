"""Who counts a model's tokens, by which rule, and how far the numbers can be relied on."""

from dataclasses import dataclass

from core.errors import TavernError
from core.prompt.context import ChatCounting
from core.tokenizers.catalog import TokenizerRow, find
from core.tokenizers.counter import Counter
from core.tokenizers.match import Match, TokenizerRule

OWN = frozenset({TokenizerRule.API, TokenizerRule.BACKEND, TokenizerRule.MODEL})
"""The rules by which a model gets the tokenizer it was trained with."""


@dataclass(frozen=True, slots=True)
class Counted:
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
        """The tokenizer that was chosen."""
        return find(self.match.tokenizer)

    @property
    def by(self) -> TokenizerRow:
        """The tokenizer that counts."""
        return find(self.counter.tokenizer.id)

    @property
    def is_remote(self) -> bool:
        """Whether the server counts by itself."""
        return self.counter.remote

    @property
    def is_exact(self) -> bool:
        """Whether the counts are the model's own; all others are estimates."""
        own = self.match.rule in OWN and not self.wanted.relative
        return own and self.fault is None and self.counter.tokenizer.is_exact

    @property
    def key(self) -> str:
        """The name under which its counts are kept; empty for estimates, which are corrected."""
        if self.is_remote:
            return f"{self.by.id}/{self.model}" if self.model else ""
        return self.by.id if self.counter.tokenizer.is_exact else ""

    @property
    def chat_counting(self) -> ChatCounting:
        """How the counts of a chat message's fields add up (SEMANTICS 11)."""
        if self.wanted.kind == "tiktoken":
            return ChatCounting.OPENAI
        return ChatCounting.CLAUDE if self.wanted.id == "claude" else ChatCounting.JOINED
