"""Waiting one's turn at a server that can only do so much at once."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

from core.backends.backend import Backend, WrappedBackend
from core.backends.types import Delta, Request, Wait, WaitReason


@dataclass(eq=False)
class QueueTicket:
    """A place in the queue. `granted` is set when it is one's turn."""

    party: str
    conversation: str
    granted: asyncio.Event = field(default_factory=asyncio.Event)
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    """Set whenever the position may have changed."""
    slot: int | None = None


class ReplyQueue:
    """Gives leave to at most `slots` replies at once, in fair order.

    Fair = round after round: the one (person or server) who has waited longest without a turn
    comes first, however many requests another has in the queue. A conversation gets the slot
    it had last time where that one is free, so that the server's prompt cache fits.
    """

    def __init__(self, slots: int = 1) -> None:
        self.slots = slots
        self._free = set(range(slots))
        self._waiting: deque[QueueTicket] = deque()
        self._served: dict[str, int] = {}
        self._round = 0
        self._homes: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def busy(self) -> int:
        return self.slots - len(self._free)

    def enter(self, party: str, conversation: str = "") -> QueueTicket:
        """Takes a place. Leave with `leave`, whatever happens."""
        ticket = QueueTicket(party, conversation)
        self._waiting.append(ticket)
        self._next()
        return ticket

    def leave(self, ticket: QueueTicket) -> None:
        """Gives the place or the slot back."""
        if ticket.slot is not None:
            self._free.add(ticket.slot)
            ticket.slot = None
        elif ticket in self._waiting:
            self._waiting.remove(ticket)
        self._next()

    def position(self, ticket: QueueTicket) -> int:
        """1 = next; 0 = it is one's turn."""
        return self._order().index(ticket) + 1 if ticket in self._waiting else 0

    def _order(self) -> list[QueueTicket]:
        """The tickets in the order in which they will be served."""
        served = dict(self._served)
        left, order, turn = list(self._waiting), [], self._round
        while left:
            ticket = min(left, key=lambda one: served.get(one.party, -1))
            left.remove(ticket)
            order.append(ticket)
            turn += 1
            served[ticket.party] = turn
        return order

    def _next(self) -> None:
        while self._free and self._waiting:
            ticket = self._order()[0]
            self._waiting.remove(ticket)
            ticket.slot = self._slot_for(ticket.conversation)
            self._round += 1
            self._served[ticket.party] = self._round
            ticket.granted.set()
            ticket.moved.set()
        for ticket in self._waiting:
            ticket.moved.set()
        if not self._waiting and len(self._free) == self.slots:
            self._served.clear()  # nobody is left to be fair to

    def likely_slot(self, conversation: str) -> int | None:
        """The slot that a conversation would get now; None where all are taken."""
        home = self._homes.get(conversation)
        taken = set(self._homes.values())
        if not self._free:
            return home
        return home if home in self._free else min(self._free - taken or self._free)

    def _slot_for(self, conversation: str) -> int:
        slot = self.likely_slot(conversation)
        assert slot is not None
        self._free.discard(slot)
        if conversation:
            self._homes = {
                name: number for name, number in self._homes.items() if number != slot
            } | {conversation: slot}
        return slot


class Queued(WrappedBackend):
    """Waits for its turn, telling the place, before the inner backend is asked.

    `party` is whose turn it counts as: a person or a server.
    """

    def __init__(self, inner: Backend, queue: ReplyQueue, party: str) -> None:
        super().__init__(inner)
        self._queue = queue
        self._party = party

    async def sent(self, request: Request) -> dict[str, Any]:
        return await self.inner.sent(self._in_slot(request, None))

    def _in_slot(self, request: Request, slot: int | None) -> Request:
        """llama.cpp keeps a prompt cache per slot: a channel stays with its own."""
        if self._queue.slots == 1:
            return request
        likely = self._queue.likely_slot(request.conversation) if slot is None else slot
        return replace(request, slot=likely)

    async def stream(self, request: Request) -> AsyncGenerator[Delta]:
        """The inner stream, after `Delta(wait=…)` for each change of the place."""
        ticket = self._queue.enter(self._party, request.conversation)
        try:
            told = 0
            while not ticket.granted.is_set():
                ticket.moved.clear()
                place = self._queue.position(ticket)
                if place != told:
                    yield Delta(wait=Wait(WaitReason.QUEUE, position=place))
                    told = place
                else:
                    await ticket.moved.wait()
            request = self._in_slot(request, ticket.slot)
            async with aclosing(self.inner.stream(request)) as deltas:
                async for delta in deltas:
                    yield delta
        finally:
            self._queue.leave(ticket)
