"""Cards and their pictures, each with an owner; a place sees its owner's rows and the stock."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.characters.character import Character
from core.characters.names import SAME_NAME, numbered
from core.chat.place import STOCK, Owner, OwnerKind, Scope
from core.errors import NotFound
from core.storage.columns import (
    demand_free_name,
    fold,
    name_columns,
    named,
    owned,
    owner_columns,
)
from core.storage.database import Database, Store
from core.storage.forget import drop_scope, drop_unused_assets
from core.storage.tables import assets, character_assets, characters

AVATAR = "avatar"
CARD = "card"
SUMMARY = 100
"""Characters of a card's notes that a list shows: Discord's limit for a choice."""


@dataclass(frozen=True, slots=True)
class StoredCharacter:
    """A card with its id and owner. `avatar` is the hash of its small picture."""

    id: int
    owner: Owner
    character: Character
    avatar: str | None = None
    created_by: int = 0
    handle: str = ""
    """What tells it apart in lists and commands; the stories know only the card's name."""


@dataclass(frozen=True, slots=True)
class CharacterEntry:
    """A line of the list. `name` is the handle."""

    id: int
    name: str
    summary: str
    stock: bool


@dataclass(frozen=True, slots=True)
class Picture:
    hash: str
    content_type: str
    data: bytes


class CharacterStore(Store):
    async def get(self, reach: Owner, character_id: int) -> StoredCharacter:
        """One card. Raises NotFound for those of others too."""
        return await self._one(reach, characters.c.id == character_id, "")

    async def some(
        self, reach: Owner, character_ids: Collection[int]
    ) -> Mapping[int, StoredCharacter]:
        """Those of these cards that are in reach."""
        if not character_ids:
            return {}
        found = await self._all(reach, characters.c.id.in_(character_ids))
        return {stored.id: stored for stored in found}

    async def find(self, reach: Owner, name: str) -> StoredCharacter:
        """The card of this handle, whatever its capitals; the owner's own before the stock's.

        Where there is none, "Orla 2" means "Orla (2)", and "Orla" the first that is left of them.
        """
        with suppress(NotFound):
            return await self._one(reach, named(characters, name), name)
        first, _, last = name.strip().rpartition(" ")
        if last.isdecimal():
            return await self._one(reach, named(characters, f"{first} ({int(last)})"), name)
        later = [fold(numbered(name.strip(), number)) for number in range(2, SAME_NAME + 1)]
        return await self._one(reach, characters.c.name_key.in_(later), name)

    async def list(self, reach: Owner) -> list[CharacterEntry]:
        columns = characters.c
        rows = await self._database.rows(
            select(columns.id, columns.name, columns.summary, columns.owner_kind)
            .where(_in_reach(reach))
            .order_by(columns.name_key)
        )
        return [
            CharacterEntry(id_, name, summary, kind == OwnerKind.STOCK.value)
            for id_, name, summary, kind in rows
        ]

    async def count(self, owner: Owner) -> int:
        mine = select(func.count()).select_from(characters).where(owned(characters, owner))
        return int((await self._database.rows(mine))[0][0])

    async def bytes_of(self, owner: Owner) -> int:
        """How much room the pictures of the owner's cards take; shared ones count once."""
        hashes = (
            select(character_assets.c.hash)
            .join(characters, characters.c.id == character_assets.c.character_id)
            .where(owned(characters, owner))
        )
        size = select(func.coalesce(func.sum(assets.c.size), 0)).where(assets.c.hash.in_(hashes))
        return int((await self._database.rows(size))[0][0])

    async def add(
        self,
        owner: Owner,
        card: Character,
        *,
        created_by: int = 0,
        pictures: dict[str, Picture] | None = None,
        slug: str | None = None,
        handle: str = "",
    ) -> StoredCharacter:
        """A new card. Raises AlreadyExists where the owner has one of this handle."""
        mine, handle = owned(characters, owner), handle or card.name
        values = {**owner_columns(owner), "slug": slug, "created_by": created_by}
        async with self._database.write() as connection:
            await demand_free_name(connection, characters, mine, handle)
            made = await connection.execute(
                insert(characters)
                .values(**values, **_values(card, handle))
                .returning(characters.c.id)
            )
            character_id = made.scalar_one()
            await _put_pictures(self._database, connection, character_id, pictures or {})
        return await self.get(owner, character_id)

    async def change(
        self, owner: Owner, character_id: int, card: Character, handle: str = ""
    ) -> StoredCharacter:
        """Other contents for a card of the owner. Raises NotFound, AlreadyExists."""
        mine, handle = owned(characters, owner), handle or card.name
        async with self._database.write() as connection:
            await demand_free_name(connection, characters, mine, handle, character_id)
            its = update(characters).where(mine, characters.c.id == character_id)
            changed = await connection.execute(its.values(**_values(card, handle)))
        if changed.rowcount == 0:
            raise NotFound(what="character", name=card.name)
        return await self.get(owner, character_id)

    async def delete(self, owner: Owner, character_id: int) -> None:
        """Removes a card of the owner. Raises NotFound."""
        mine = and_(characters.c.id == character_id, owned(characters, owner))
        async with self._database.write() as connection:
            gone = await connection.execute(delete(characters).where(mine))
            if gone.rowcount:
                await drop_scope(connection, Scope.CHARACTER, character_id)
                await drop_unused_assets(connection)
        if gone.rowcount == 0:
            raise NotFound(what="character", name="")

    async def by_slug(self, slug: str) -> int | None:
        its = and_(characters.c.slug == slug, owned(characters, STOCK))
        row = await self._database.first(select(characters.c.id).where(its))
        return row.id if row else None

    async def picture(self, character_id: int, purpose: str = AVATAR) -> Picture | None:
        columns = character_assets.c
        row = await self._database.first(
            select(assets)
            .join(character_assets, columns.hash == assets.c.hash)
            .where(columns.character_id == character_id, columns.purpose == purpose)
        )
        return Picture(row.hash, row.content_type, row.data) if row else None

    async def _one(self, reach: Owner, which: ColumnElement[bool], name: str) -> StoredCharacter:
        found = await self._all(reach, which)
        if not found:
            raise NotFound(what="character", name=name)
        return found[0]

    async def _all(self, reach: Owner, which: ColumnElement[bool]) -> Sequence[StoredCharacter]:
        own_first = characters.c.owner_kind == OwnerKind.STOCK.value
        avatar = and_(
            character_assets.c.character_id == characters.c.id,
            character_assets.c.purpose == AVATAR,
        )
        rows = await self._database.rows(
            select(characters, character_assets.c.hash)
            .join(character_assets, avatar, isouter=True)
            .where(_in_reach(reach), which)
            .order_by(own_first, characters.c.id)
        )
        return [_stored(row) for row in rows]


def _stored(row: Row[*tuple[Any, ...]]) -> StoredCharacter:
    owner = Owner(OwnerKind(row.owner_kind), row.owner_id)
    card = Character.from_document(row.card)
    return StoredCharacter(row.id, owner, card, row.hash, row.created_by, row.name)


def _in_reach(owner: Owner) -> ColumnElement[bool]:
    return or_(owned(characters, owner), owned(characters, STOCK))


def _values(card: Character, handle: str) -> dict[str, Any]:
    text = card.creator_notes or card.description
    return {
        **name_columns(handle),
        "summary": text.strip().partition("\n")[0][:SUMMARY],
        "card": card.to_document(),
    }


async def _put_pictures(
    database: Database,
    connection: AsyncConnection,
    character_id: int,
    pictures: dict[str, Picture],
) -> None:
    for purpose, picture in pictures.items():
        await connection.execute(
            database.insert(assets)
            .values(
                hash=picture.hash,
                content_type=picture.content_type,
                size=len(picture.data),
                data=picture.data,
            )
            .on_conflict_do_nothing()
        )
        shown = {"character_id": character_id, "purpose": purpose, "hash": picture.hash}
        await connection.execute(insert(character_assets).values(shown))
