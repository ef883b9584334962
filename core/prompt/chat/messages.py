"""The messages of a chat prompt, what they cost, and the sections that share the budget."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.backends.types import Image
from core.prompt.budget.window import Count
from core.prompt.context import ChatCounting
from core.prompt.prompt import PartKind

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
    """Adds up a message's fields as the counter for the model does."""

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


class Overflow(Exception):
    """Something that has to be placed does not fit: assembly ends here."""


class ChatSections:
    """The sections by number, and the `room` that is left of the budget.

    What is reserved for later is taken from it and given back before it is placed; it may fall
    below zero, then nothing fits any more. `is_bound`: whether what has to be placed raises then;
    otherwise it is placed all the same.
    """

    def __init__(self, budget: int, *, is_bound: bool = True) -> None:
        self.room = budget
        self._is_bound = is_bound
        self._sections: dict[int, tuple[str, list[ChatMessage]]] = {}

    def add(self, id_: str, messages: Sequence[ChatMessage], place: int | None = None) -> None:
        """Fills a place, or a new one at the end. Raises Overflow."""
        self._spend(sum(message.tokens for message in messages))
        if place is None:
            place = max(self._sections, default=-1) + 1
        self._sections[place] = (id_, list(messages))

    def has(self, id_: str) -> bool:
        return any(known == id_ for known, _ in self._sections.values())

    def insert(self, id_: str, message: ChatMessage, at_start: bool = False) -> None:
        """Puts a message at the start or the end of a place. Raises Overflow."""
        if self._is_bound and message.tokens > self.room:
            raise Overflow
        if not message.content:
            return
        self._spend(message.tokens)
        messages = next(found for known, found in self._sections.values() if known == id_)
        messages.insert(0 if at_start else len(messages), message)

    def _spend(self, tokens: int) -> None:
        if self._is_bound and tokens > self.room:
            raise Overflow
        self.room -= tokens

    def messages(self) -> Iterator[ChatMessage]:
        for place in sorted(self._sections):
            yield from self._sections[place][1]
