"""One story's turns in memory, kept equal to the store."""

from bisect import bisect_left, insort
from collections.abc import Collection, Iterable, Iterator

from core.chat.message import Message, Role


class History:
    """The visible turns of a story, oldest first. The store is written before this is.

    What was dropped stays away: somebody may have read it just before and bring it late.
    """

    def __init__(self, turns: Iterable[Message] = ()) -> None:
        self._turns = sorted((turn for turn in turns if not turn.hidden), key=_place)
        self._places = {turn.id: _place(turn) for turn in self._turns}
        self._dropped: set[int] = set()

    def __len__(self) -> int:
        return len(self._turns)

    def __iter__(self) -> Iterator[Message]:
        return iter(self._turns)

    @property
    def last(self) -> Message | None:
        """The newest turn."""
        return self._turns[-1] if self._turns else None

    def newest(self, role: Role) -> Message | None:
        """The newest turn of this role."""
        return next((turn for turn in reversed(self._turns) if turn.role is role), None)

    def find(self, message_id: int) -> Message | None:
        """The turn with this id, if it is told."""
        place = self._places.get(message_id)
        return None if place is None else self._turns[self._index(place)]

    def until(self, message_id: int, *, included: bool) -> list[Message]:
        """The turns up to this one."""
        place = self._places.get(message_id)
        if place is None:
            return list(self._turns)
        return self._turns[: self._index(place) + (1 if included else 0)]

    def put(self, turn: Message) -> None:
        """Takes a new or changed turn over; a hidden one leaves."""
        self._remove(turn.id)
        if turn.hidden:
            self._dropped.add(turn.id)
        if turn.id not in self._dropped:
            insort(self._turns, turn, key=_place)
            self._places[turn.id] = _place(turn)

    def drop(self, message_ids: Collection[int]) -> None:
        """Turns that are no longer told."""
        for message_id in message_ids:
            self._remove(message_id)
        self._dropped.update(message_ids)

    def _remove(self, message_id: int) -> None:
        place = self._places.pop(message_id, None)
        if place is not None:
            del self._turns[self._index(place)]

    def _index(self, place: tuple[int, int]) -> int:
        return bisect_left(self._turns, place, key=_place)


def _place(turn: Message) -> tuple[int, int]:
    return (turn.seq, turn.id)
