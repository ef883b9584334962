"""Histories kept in memory, equal to the store; the one who writes the store tells them."""

import asyncio
from collections import OrderedDict
from collections.abc import Collection

from core.chat.history import History
from core.chat.message import Message, Role
from core.chat.place import Place
from core.errors import NotFound
from core.storage.messages import MessageStore
from core.storage.stories import StoryStore
from core.storage.story import Story

KEPT = 64
"""Stories kept in memory; others are read again when they go on."""


class HistoryCache:
    """Finds stories and their turns."""

    def __init__(self, stories: StoryStore, messages: MessageStore) -> None:
        self._stories = stories
        self._messages = messages
        self._reading: OrderedDict[int, asyncio.Task[History]] = OrderedDict()

    async def open(self, place: Place) -> tuple[Story, History]:
        """The story of a place."""
        story = await self._stories.open(place)
        return story, await self.history(story)

    async def history(self, story: Story) -> History:
        """Its turns. Those who ask at the same time get the same object."""
        task = self._reading.get(story.id)
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            task = asyncio.create_task(self._read(story))
            self._reading[story.id] = task
            if len(self._reading) > KEPT:
                self._reading.popitem(last=False)
        self._reading.move_to_end(story.id)
        return await asyncio.shield(task)

    async def turn(self, place: Place, message_id: int | None) -> tuple[Story, History, Message]:
        """A turn of this place's story (None: the newest of a character). Raises NotFound."""
        story, history = await self.open(place)
        newest = history.newest(Role.CHARACTER)
        turn = newest if message_id is None else history.find(message_id)
        if turn is None:
            raise NotFound("no such message in this story", what="message")
        return story, history, turn

    async def reread(self, message_id: int) -> None:
        """A turn has changed in the store."""
        for history in self._read_ones():
            if history.find(message_id) is not None:
                place = await self._messages.place_of(message_id)
                history.put(await self._messages.get(place.id, message_id))
                return

    def changed(self, turn: Message) -> None:
        """A turn has become another."""
        for history in self._read_ones():
            if history.find(turn.id) is not None:
                history.put(turn)

    def dropped(self, message_ids: Collection[int]) -> None:
        """Turns that are no longer told."""
        for history in self._read_ones():
            history.drop(message_ids)

    def forget(self, story: Story | None = None) -> None:
        """What is known of a story, or of all, is read anew."""
        if story is None:
            self._reading.clear()
        else:
            self._reading.pop(story.id, None)

    async def _read(self, story: Story) -> History:
        return History(await self._messages.history(story))

    def _read_ones(self) -> list[History]:
        """The histories at hand. One that is just being read is read anew when next needed."""
        for story_id in [id_ for id_, task in self._reading.items() if not task.done()]:
            del self._reading[story_id]
        tasks = self._reading.values()
        return [task.result() for task in tasks if not task.cancelled() and not task.exception()]
