"""A message of a chat prompt, and what it costs."""

from collections.abc import Callable
from dataclasses import dataclass

from core.backends.types import Image
from core.prompt.context import ChatCounting
from core.prompt.prompt import PartKind

Count = Callable[[str], int]
"""Tokens of a text. May raise NeedCounts, which passes through unchanged."""

REQUEST_TOKENS = 3
"""Every reply is primed with these."""


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message on its way into the prompt. `separate` keeps it from being squashed."""

    role: str
    content: str
    kind: PartKind
    source: str = ""
    name: str | None = None
    tokens: int = 0
    separate: bool = False
    message_id: int | None = None
    images: tuple[Image, ...] = ()


class MessageCounter:
    """Adds up a message's fields as the counter for the model does (SEMANTICS 11)."""

    def __init__(self, counting: ChatCounting, count: Count) -> None:
        self._counting = counting
        self._count = count

    def message(self, role: str, content: str, name: str | None = None) -> int:
        """Tokens of one message; without content only a named one costs anything."""
        if not content and name is None:
            return 0
        fields = [role, content] if name is None else [role, content, name]
        if self._counting is ChatCounting.OPENAI:
            return sum(map(self._text, fields)) + 4 + (name is not None)
        tokens = self._text("\n\n".join(fields))
        return tokens if self._counting is ChatCounting.CLAUDE else tokens - 2

    def lore(self, text: str) -> int:
        """Tokens of a text counted for itself, as the lore budget does."""
        return self._text(text) + (6 if self._counting is ChatCounting.OPENAI else 0)

    def _text(self, text: str) -> int:
        return self._count(text) if text else 0
