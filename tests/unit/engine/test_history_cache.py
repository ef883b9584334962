"""Histories in memory follow what is written, whoever holds them."""

import asyncio
from typing import cast

from core.chat.message import Message, Role, Swipe
from core.chat.place import Place
from core.engine import history_cache
from core.engine.history_cache import HistoryCache
from core.storage.messages import MessageStore
from core.storage.stories import Story


def message(story: Story, text: str = "Hello") -> Message:
    return Message(story.id, story.id, Role.USER, "Ann", (Swipe(text),))


class Store:
    """One message for each story; a gate may hold reading up."""

    def __init__(self) -> None:
        self.reads: list[int] = []
        self.asked = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def history(self, story: Story) -> list[Message]:
        self.reads.append(story.id)
        self.asked.set()
        await self.gate.wait()
        return [message(story)]


def made() -> tuple[HistoryCache, Store]:
    store = Store()
    return HistoryCache(cast(MessageStore, store)), store


async def test_the_story_told_last_stays_while_others_change() -> None:
    cache, store = made()
    stories = [Story(n, Place(n)) for n in range(1, history_cache.KEPT + 1)]
    for story in stories:
        await cache.of(story)
    await cache.of(stories[0])
    cache.changed(message(stories[5], "Changed"))
    await cache.of(Story(1000, Place(1000)))
    await cache.of(stories[0])
    assert store.reads.count(1) == 1
    await cache.of(stories[1])
    assert store.reads.count(2) == 2


async def test_what_a_reply_holds_changes_although_it_is_kept_no_more() -> None:
    cache, _ = made()
    story = Story(1, Place(1))
    held = await cache.of(story)
    cache.forget(story)
    cache.changed(message(story, "Changed"))
    assert [one.text for one in held] == ["Changed"]


async def test_what_is_being_read_while_something_changes_is_read_anew() -> None:
    cache, store = made()
    story = Story(1, Place(1))
    store.gate.clear()
    reading = asyncio.create_task(cache.of(story))
    await store.asked.wait()
    cache.dropped([99])
    store.gate.set()
    await reading
    await cache.of(story)
    assert store.reads == [1, 1]
