"""Lorebooks in the store: read once per version, in reach of their owner only."""

import pytest

from core.chat.place import Owner, OwnerKind, Place, Scope
from core.errors import AlreadyExists, Conflict, NotFound
from core.lorebook import Entry, Lorebook
from core.storage.lorebooks import PERSONA, LorebookStore
from core.storage.storage import Storage

PLACE = Place(channel_id=100, guild_id=1, thread_id=200)
HERE, THERE = PLACE.owner, Owner(OwnerKind.SERVER, 2)
BOOK = Lorebook(
    name="Gazetteer",
    entries=(
        Entry(uid=1, keys=("harbour",), content="The harbour smells of tar."),
        Entry(uid=2, keys=("/gr(a|e)y/i",), content="Fog. 世界", order=5, sticky=3, constant=True),
    ),
)


async def test_a_book_comes_back_whole(storage: Storage) -> None:
    stored = await storage.lorebooks.add(HERE, BOOK, 7)
    assert stored.book == BOOK
    assert (stored.created_by, stored.version) == (7, 1)


async def test_what_is_written_is_what_was_given(storage: Storage) -> None:
    odd = BOOK.model_copy(
        update={"name": "Odd", "description": "d", "extensions": {"a": 1}, "unknown": {"b": [None]}}
    )
    for book in (BOOK, odd, Lorebook(name="Empty")):
        stored = await storage.lorebooks.add(HERE, book)
        changed = await storage.lorebooks.change(HERE, stored, book)
        fresh = LorebookStore(storage.database)
        assert await fresh.find(HERE, book.name) == changed
        assert changed.version == 2


async def test_it_is_read_once_per_version(storage: Storage) -> None:
    first = await storage.lorebooks.add(HERE, BOOK)
    assert (await storage.lorebooks.find(HERE, "GAZETTEER")).book is first.book
    shorter = BOOK.model_copy(update={"entries": BOOK.entries[:1]})
    second = await storage.lorebooks.change(HERE, first, shorter)
    assert (second.book, second.version) == (shorter, 2)
    with pytest.raises(Conflict):
        await storage.lorebooks.change(HERE, first, BOOK)


async def test_other_owners_books_do_not_exist(storage: Storage) -> None:
    stored = await storage.lorebooks.add(HERE, BOOK)
    with pytest.raises(AlreadyExists):
        await storage.lorebooks.add(HERE, BOOK)
    with pytest.raises(NotFound):
        await storage.lorebooks.find(THERE, BOOK.name)
    with pytest.raises(Conflict):
        await storage.lorebooks.change(THERE, stored, Lorebook(name="Stolen"))
    await storage.lorebooks.delete(THERE, stored.id)
    assert await storage.lorebooks.list(THERE) == []
    assert [row.id for row in await storage.lorebooks.list(HERE)] == [stored.id]


async def test_books_in_use(storage: Storage) -> None:
    stored = await storage.lorebooks.add(HERE, BOOK)
    for scope, scope_id in ((Scope.THREAD, 200), (Scope.CHARACTER, 5), (PERSONA, 9)):
        await storage.lorebooks.bind(HERE, stored.id, scope, scope_id)
        await storage.lorebooks.bind(HERE, stored.id, scope, scope_id)

    async def scopes(place: Place, **who: int) -> set[str]:
        return {binding.scope for binding in await storage.lorebooks.bound(place, **who)}

    assert await scopes(PLACE) == {"thread"}
    assert await scopes(PLACE, character_id=5, persona_id=9) == {"thread", "character", PERSONA}
    assert await scopes(Place(channel_id=300, guild_id=1), character_id=5) == {"character"}
    assert await scopes(Place(channel_id=900, guild_id=2), character_id=5, persona_id=9) == set()
    assert await storage.lorebooks.unbind(HERE, stored.id, Scope.THREAD, 200)
    assert not await storage.lorebooks.unbind(HERE, stored.id, Scope.THREAD, 200)
    await storage.lorebooks.delete(HERE, stored.id)
    assert await scopes(PLACE, character_id=5, persona_id=9) == set()
