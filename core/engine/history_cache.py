"""Histories kept in memory, equal to the store; the one who writes the store tells them."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace
from weakref import WeakSet

from cachetools import LRUCache

from core.chat.history import History
from core.chat.message import Message
from core.storage.messages import MessageStore
from core.storage.stories import Story

KEPT = 64
"""Stories kept in memory; others are read again when they go on."""
ENDED = 1000
"""Stories of which it is remembered that another has begun in their place."""


class HistoryCache:
    def __init__(self, messages: MessageStore) -> None:
        self._messages = messages
        self._reading: LRUCache[int, asyncio.Task[History]] = LRUCache(KEPT)
        self._unread: set[int] = set()
        """Stories that are just being read."""
        self._at_hand: WeakSet[History] = WeakSet()
        """All that anybody holds: those kept, and those of a reply that outlasts its place here."""
        self._ended: LRUCache[int, None] = LRUCache(ENDED)

    async def of(self, story: Story) -> History:
        """Its messages. Those who ask at the same time get the same object."""
        task = self._reading.get(story.id)
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            task = self._reading[story.id] = asyncio.create_task(self._read(story))
            self._unread.add(story.id)
        return await asyncio.shield(task)

    async def _read(self, story: Story) -> History:
        try:
            history = History(await self._messages.history(story))
        finally:
            self._unread.discard(story.id)
        self._at_hand.add(history)
        return history

    def shown(self, message_id: int, discord_ids: Sequence[int], seq: int) -> None:
        """Discord shows a message, which gives it its place."""
        for history in self._changing():
            if (message := history.find(message_id)) is not None:
                ids = tuple(dict.fromkeys(discord_ids))
                history.put(replace(message, discord_ids=ids, seq=seq))

    def changed(self, message: Message) -> None:
        for history in self._changing():
            if history.find(message.id) is not None:
                history.put(message)

    def dropped(self, message_ids: Collection[int]) -> None:
        for history in self._changing():
            history.drop(message_ids)

    def forget(self, story: Story | None = None) -> None:
        """What is known of a story, or of all, is read anew."""
        if story is None:
            self._reading.clear()
        else:
            self._reading.pop(story.id, None)

    def end(self, story: Story) -> None:
        """Another story begins in its place."""
        self.forget(story)
        self._ended[story.id] = None

    def has_ended(self, story: Story) -> bool:
        return story.id in self._ended

    def _changing(self) -> list[History]:
        """The histories at hand. One that is just being read is read anew when next needed."""
        for story_id in self._unread:
            self._reading.pop(story_id, None)
        return list(self._at_hand)
