"""One story's messages in memory, kept equal to the store."""

from bisect import bisect_left, insort
from collections.abc import Collection, Iterable, Iterator

from core.chat.message import Message, Role


class History:
    """The visible messages of a story, oldest first. The store is written before this is.

    What was dropped stays away: somebody may have read it just before and bring it late.
    """

    def __init__(self, messages: Iterable[Message] = ()) -> None:
        self._messages = sorted((message for message in messages if not message.hidden), key=_place)
        self._places = {message.id: _place(message) for message in self._messages}
        self._dropped: set[int] = set()

    def __len__(self) -> int:
        return len(self._messages)

    def __iter__(self) -> Iterator[Message]:
        return iter(self._messages)

    def newest(self, role: Role) -> Message | None:
        return next((message for message in reversed(self._messages) if message.role is role), None)

    def find(self, message_id: int) -> Message | None:
        place = self._places.get(message_id)
        return None if place is None else self._messages[self._index(place)]

    def until(self, message_id: int) -> list[Message]:
        """The messages up to this one, itself included."""
        place = self._places.get(message_id)
        if place is None:
            return list(self._messages)
        return self._messages[: self._index(place) + 1]

    def put(self, message: Message) -> None:
        """Takes a new or changed message over; a hidden one leaves."""
        self._remove(message.id)
        if message.hidden:
            self._dropped.add(message.id)
        if message.id not in self._dropped:
            insort(self._messages, message, key=_place)
            self._places[message.id] = _place(message)

    def drop(self, message_ids: Collection[int]) -> None:
        """Turns that are no longer told."""
        for message_id in message_ids:
            self._remove(message_id)
        self._dropped.update(message_ids)

    def _remove(self, message_id: int) -> None:
        place = self._places.pop(message_id, None)
        if place is not None:
            del self._messages[self._index(place)]

    def _index(self, place: tuple[int, int]) -> int:
        return bisect_left(self._messages, place, key=_place)


def _place(message: Message) -> tuple[int, int]:
    return (message.seq, message.id)
