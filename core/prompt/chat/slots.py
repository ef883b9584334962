"""The places of a chat prompt and the budget they share."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from core.prompt.chat.message import ChatMessage


class Overflow(Exception):
    """Something that has to be placed does not fit: assembly ends here."""


@dataclass(slots=True)
class Slot:
    """One place with its messages."""

    id: str
    messages: list[ChatMessage] = field(default_factory=list)


class Slots:
    """Places by number. What is reserved is missing from the budget until it is freed."""

    def __init__(self, budget: int) -> None:
        self.room = budget
        self._slots: dict[int, Slot] = {}

    def fits(self, tokens: int) -> bool:
        """Whether so much is left."""
        return self.room >= tokens

    def reserve(self, tokens: int) -> None:
        """Takes room for later; the budget may fall below zero, then nothing fits any more."""
        self.room -= tokens

    def free(self, tokens: int) -> None:
        """Gives reserved room back."""
        self.room += tokens

    def add(self, id_: str, messages: Sequence[ChatMessage], place: int | None = None) -> None:
        """Fills a place, or a new one at the end. Raises Overflow."""
        self._pay(sum(message.tokens for message in messages))
        if place is None:
            place = max(self._slots, default=-1) + 1
        self._slots[place] = Slot(id_, list(messages))

    def has(self, id_: str) -> bool:
        """Whether the place exists."""
        return any(slot.id == id_ for slot in self._slots.values())

    def insert(self, id_: str, message: ChatMessage, at_start: bool = False) -> None:
        """Puts a message at the start or the end of a place. Raises Overflow."""
        if not self.fits(message.tokens):
            raise Overflow
        if not message.content:
            return
        self._pay(message.tokens)
        messages = next(slot.messages for slot in self._slots.values() if slot.id == id_)
        messages.insert(0 if at_start else len(messages), message)

    def _pay(self, tokens: int) -> None:
        if not self.fits(tokens):
            raise Overflow
        self.room -= tokens

    def messages(self) -> Iterator[ChatMessage]:
        """All messages in the order of their places."""
        for place in sorted(self._slots):
            yield from self._slots[place].messages
