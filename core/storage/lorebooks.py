"""Lorebooks and where they are in use."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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
from core.errors import AlreadyExists, Conflict, NotFound
from core.lorebook import Lorebook
from core.lorebook.load import load_lorebook
from core.lorebook.world_info import to_world_info
from core.storage.database import Database
from core.storage.tables import lore_binding, lorebook
from core.storage.values import UnicodeText, fold, read_document, write_document

PERSONA = "persona"
"""Scope of a book that goes with one persona, beside those of `Scope`."""
READY = 256
"""Books kept in memory, ready for scanning; others are read again when they are needed."""

_WRITTEN = type_coerce(lorebook.c.document, UnicodeText)
"""The document as its text: a large one is read and written in a thread, not on the loop."""
_HEAD = (lorebook.c.id, lorebook.c.name, lorebook.c.version, lorebook.c.created_by)


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


class LorebookStore:
    """Reads and writes books. All methods raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._read: OrderedDict[int, StoredLorebook] = OrderedDict()

    async def list(self, owner: Owner) -> Sequence[StoredLorebook]:
        """The owner's books, by name."""
        return await self._all(_owned(owner))

    async def find(self, owner: Owner, name: str) -> StoredLorebook:
        """The owner's book of this name. Raises NotFound."""
        found = await self._all(and_(_owned(owner), lorebook.c.name_key == fold(name)))
        if not found:
            raise NotFound("no such lorebook", what="lorebook", name=name)
        return found[0]

    async def add(self, owner: Owner, book: Lorebook, created_by: int = 0) -> StoredLorebook:
        """A new book. Raises AlreadyExists."""
        fields = await asyncio.to_thread(_fields, book)
        async with self._database.write() as connection:
            same = and_(_owned(owner), lorebook.c.name_key == fold(book.name))
            if (await connection.execute(select(lorebook.c.id).where(same))).first():
                raise AlreadyExists("the name is taken", what="lorebook", name=book.name)
            await connection.execute(
                insert(lorebook).values(
                    owner_kind=owner.kind.value,
                    owner_id=owner.id,
                    created_by=created_by,
                    **fields,
                )
            )
        return await self.find(owner, book.name)

    async def change(self, owner: Owner, stored: StoredLorebook, book: Lorebook) -> StoredLorebook:
        """Other contents for a book. Raises Conflict when it has changed since it was read."""
        unchanged = and_(
            _owned(owner), lorebook.c.id == stored.id, lorebook.c.version == stored.version
        )
        fields = await asyncio.to_thread(_fields, book)
        async with self._database.write() as connection:
            changed = await connection.execute(
                update(lorebook).where(unchanged).values(**fields, version=lorebook.c.version + 1)
            )
        if changed.rowcount == 0:
            raise Conflict("the lorebook has changed meanwhile")
        return await self.find(owner, book.name)

    async def delete(self, owner: Owner, lorebook_id: int) -> None:
        """Removes a book of the owner and where it was in use."""
        async with self._database.write() as connection:
            await connection.execute(
                delete(lorebook).where(_owned(owner), lorebook.c.id == lorebook_id)
            )
        self._read.pop(lorebook_id, None)

    async def bind(self, owner: Owner, lorebook_id: int, scope: str, scope_id: int) -> None:
        """Puts a book to use in a scope."""
        added = self._database.insert(lore_binding).values(
            lorebook_id=lorebook_id,
            owner_kind=owner.kind.value,
            owner_id=owner.id,
            scope=scope,
            scope_id=scope_id,
        )
        async with self._database.write() as connection:
            await connection.execute(added.on_conflict_do_nothing())

    async def unbind(self, owner: Owner, lorebook_id: int, scope: str, scope_id: int) -> bool:
        """Takes a book out of use in a scope. False where it was not in use."""
        columns = lore_binding.c
        async with self._database.write() as connection:
            gone = await connection.execute(
                delete(lore_binding).where(
                    columns.lorebook_id == lorebook_id,
                    columns.owner_kind == owner.kind.value,
                    columns.owner_id == owner.id,
                    columns.scope == scope,
                    columns.scope_id == scope_id,
                )
            )
            return gone.rowcount > 0

    async def bound(
        self, place: Place, character_id: int | None = None, persona_id: int | None = None
    ) -> Sequence[Binding]:
        """The books in use for a place, its speaker and the person's persona."""
        wanted = [(scope.value, id_) for scope, id_ in place.scopes()]
        if character_id is not None:
            wanted.append(("character", character_id))
        if persona_id is not None:
            wanted.append((PERSONA, persona_id))
        columns = lore_binding.c
        reach = or_(*(and_(columns.scope == name, columns.scope_id == id_) for name, id_ in wanted))
        mine = and_(
            columns.owner_kind == place.owner.kind.value, columns.owner_id == place.owner.id
        )
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(*_HEAD, columns.scope, columns.scope_id)
                .join(lore_binding, columns.lorebook_id == lorebook.c.id)
                .where(mine, reach)
                .order_by(lorebook.c.name_key)
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
                select(*_HEAD).where(condition).order_by(lorebook.c.name_key)
            )
            return await self._stored(connection, rows.all())

    async def _stored(
        self, connection: AsyncConnection, heads: Sequence[Row[*tuple[Any, ...]]]
    ) -> Sequence[StoredLorebook]:
        """The books, each read once per version: its index of keys hangs on the object."""
        found = []
        for head in heads:
            known = self._read.get(head.id)
            if known is None or known.version != head.version:
                document = await connection.execute(
                    select(_WRITTEN).where(lorebook.c.id == head.id)
                )
                known = await asyncio.to_thread(_book, head, document.scalar_one())
                self._read[head.id] = known
                if len(self._read) > READY:
                    self._read.popitem(last=False)
            self._read.move_to_end(head.id)
            found.append(known)
        return found


def _book(head: Row[*tuple[Any, ...]], text: str) -> StoredLorebook:
    book = load_lorebook(read_document(text), head.name).book.model_copy(update={"name": head.name})
    return StoredLorebook(head.id, book, head.version, head.created_by)


def _fields(book: Lorebook) -> dict[str, Any]:
    document = type_coerce(write_document(to_world_info(book)), UnicodeText)
    return {"name": book.name, "name_key": fold(book.name), "document": document}


def _owned(owner: Owner) -> ColumnElement[bool]:
    return and_(lorebook.c.owner_kind == owner.kind.value, lorebook.c.owner_id == owner.id)
