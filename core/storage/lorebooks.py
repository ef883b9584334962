"""Lorebooks and where they are in use."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from cachetools import LRUCache
from sqlalchemy import (
    ColumnElement,
    Row,
    and_,
    delete,
    insert,
    or_,
    select,
    type_coerce,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from core.chat.place import Owner, Place
from core.errors import Conflict, NotFound
from core.lorebook import Lorebook
from core.lorebook.formats import to_world_info
from core.lorebook.load import load_lorebook
from core.storage.columns import (
    UnicodeText,
    demand_free_name,
    name_columns,
    named,
    owned,
    owner_columns,
    read_document,
    write_document,
)
from core.storage.database import Database, Store
from core.storage.tables import lore_bindings, lorebooks

PERSONA = "persona"
"""Scope of a book that goes with one persona, beside those of `Scope`."""
READY = 256
"""Books kept in memory, ready for scanning; others are read again when they are needed."""

_DOCUMENT = type_coerce(lorebooks.c.document, UnicodeText)
"""The document as its text: a large one is read and written in a thread, not on the loop."""
_HEAD = (lorebooks.c.id, lorebooks.c.name, lorebooks.c.version, lorebooks.c.created_by)


@dataclass(frozen=True, slots=True)
class StoredLorebook:
    """A book with its id. `version` grows with every change."""

    id: int
    book: Lorebook
    version: int = 1
    created_by: int = 0


@dataclass(frozen=True, slots=True)
class Binding:
    """A book in use in a scope: those of `Scope`, or a persona."""

    book: StoredLorebook
    scope: str
    scope_id: int


class LorebookStore(Store):
    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._ready: LRUCache[int, StoredLorebook] = LRUCache(READY)

    async def list(self, owner: Owner) -> Sequence[StoredLorebook]:
        return await self._all(owned(lorebooks, owner))

    async def find(self, owner: Owner, name: str) -> StoredLorebook:
        """The owner's book of this name. Raises NotFound."""
        found = await self._all(and_(owned(lorebooks, owner), named(lorebooks, name)))
        if not found:
            raise NotFound(what="lorebook", name=name)
        return found[0]

    async def add(self, owner: Owner, book: Lorebook, created_by: int = 0) -> StoredLorebook:
        """A new book. Raises AlreadyExists."""
        fields = await asyncio.to_thread(_fields, book)
        async with self._database.write() as connection:
            await demand_free_name(connection, lorebooks, owned(lorebooks, owner), book.name)
            values = {**owner_columns(owner), "created_by": created_by, **fields}
            made = await connection.execute(
                insert(lorebooks).values(**values).returning(lorebooks.c.id)
            )
        return self._kept(StoredLorebook(made.scalar_one(), book, 1, created_by))

    async def change(self, owner: Owner, stored: StoredLorebook, book: Lorebook) -> StoredLorebook:
        """Other contents for a book. Raises Conflict when it has changed since it was read."""
        same = (lorebooks.c.id == stored.id, lorebooks.c.version == stored.version)
        unchanged = update(lorebooks).where(owned(lorebooks, owner), *same)
        fields = await asyncio.to_thread(_fields, book)
        newer = unchanged.values(**fields, version=lorebooks.c.version + 1)
        if not await self._database.change(newer):
            raise Conflict()
        return self._kept(replace(stored, book=book, version=stored.version + 1))

    def _kept(self, stored: StoredLorebook) -> StoredLorebook:
        """A book as it was written; a large one takes seconds to be read again."""
        self._ready[stored.id] = stored
        return stored

    async def delete(self, owner: Owner, lorebook_id: int) -> None:
        """Removes a book of the owner and where it was in use."""
        its = and_(owned(lorebooks, owner), lorebooks.c.id == lorebook_id)
        await self._database.change(delete(lorebooks).where(its))
        self._ready.pop(lorebook_id, None)

    async def bind(self, owner: Owner, lorebook_id: int, scope: str, scope_id: int) -> None:
        added = self._database.insert(lore_bindings).values(
            **owner_columns(owner), lorebook_id=lorebook_id, scope=scope, scope_id=scope_id
        )
        await self._database.change(added.on_conflict_do_nothing())

    async def unbind(self, owner: Owner, lorebook_id: int, scope: str, scope_id: int) -> bool:
        """Takes a book out of use in a scope. False where it was not in use."""
        columns = lore_bindings.c
        there = and_(columns.scope == scope, columns.scope_id == scope_id)
        its = and_(owned(lore_bindings, owner), columns.lorebook_id == lorebook_id, there)
        return await self._database.change(delete(lore_bindings).where(its)) > 0

    async def bound(
        self, place: Place, character_id: int | None = None, persona_id: int | None = None
    ) -> Sequence[Binding]:
        """The books in use for a place, its speaker and the person's persona."""
        wanted = [(scope.value, id_) for scope, id_ in place.scopes()]
        if character_id is not None:
            wanted.append(("character", character_id))
        if persona_id is not None:
            wanted.append((PERSONA, persona_id))
        columns = lore_bindings.c
        reach = or_(*(and_(columns.scope == name, columns.scope_id == id_) for name, id_ in wanted))
        mine = owned(lore_bindings, place.owner)
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(*_HEAD, columns.scope, columns.scope_id)
                .join(lore_bindings, columns.lorebook_id == lorebooks.c.id)
                .where(mine, reach)
                .order_by(lorebooks.c.name_key)
            )
            heads = rows.all()
            books = await self._stored(connection, heads)
        return [
            Binding(book, head.scope, head.scope_id)
            for book, head in zip(books, heads, strict=True)
        ]

    async def _all(self, condition: ColumnElement[bool]) -> Sequence[StoredLorebook]:
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(*_HEAD).where(condition).order_by(lorebooks.c.name_key)
            )
            return await self._stored(connection, rows.all())

    async def _stored(
        self, connection: AsyncConnection, heads: Sequence[Row[*tuple[Any, ...]]]
    ) -> Sequence[StoredLorebook]:
        """The books, each read once per version: its index of keys hangs on the object."""
        found = []
        for head in heads:
            known = self._ready.get(head.id)
            if known is None or known.version != head.version:
                document = await connection.execute(
                    select(_DOCUMENT).where(lorebooks.c.id == head.id)
                )
                known = await asyncio.to_thread(_book, head, document.scalar_one())
                self._ready[head.id] = known
            found.append(known)
        return found


def _book(head: Row[*tuple[Any, ...]], text: str) -> StoredLorebook:
    book = load_lorebook(read_document(text), head.name).book.model_copy(update={"name": head.name})
    return StoredLorebook(head.id, book, head.version, head.created_by)


def _fields(book: Lorebook) -> dict[str, Any]:
    return {**name_columns(book.name), "document": type_coerce(_written(book), UnicodeText)}


def _written(book: Lorebook) -> str:
    """The book as JSON, entry by entry: written at once, a large one would stop all threads."""
    document = to_world_info(book)
    entries = document.pop("entries")
    parts = [f"{write_document(uid)}:{write_document(entry)}" for uid, entry in entries.items()]
    around = write_document(document)[:-1] + ("," if document else "")
    return f'{around}"entries":{{{",".join(parts)}}}}}'
