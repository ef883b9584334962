"""Cards and their pictures, each with an owner; a place sees its owner's rows and the stock."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.characters.character import Character
from core.chat.place import STOCK, Owner, OwnerKind, Scope
from core.errors import AlreadyExists, NotFound
from core.storage.database import Database
from core.storage.forget import drop_scope, drop_unused_assets
from core.storage.tables import asset, character, character_asset
from core.storage.values import fold, now

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


@dataclass(frozen=True, slots=True)
class CharacterEntry:
    """A line of the list."""

    id: int
    name: str
    summary: str
    stock: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """A stored picture."""

    hash: str
    content_type: str
    data: bytes


class Library:
    """Reads and writes cards. All methods raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, reach: Owner, character_id: int) -> StoredCharacter:
        """One card. Raises NotFound for those of others too."""
        return await self._one(and_(character.c.id == character_id, _in_reach(reach)), "")

    async def find(self, reach: Owner, name: str) -> StoredCharacter:
        """The card of this name, whatever its capitals; the owner's own before the stock's."""
        same = character.c.name_key == fold(name)
        return await self._one(and_(same, _in_reach(reach)), name)

    async def list(self, reach: Owner) -> list[CharacterEntry]:
        """All cards in reach, by name."""
        async with self._database.read() as connection:
            columns = character.c
            rows = await connection.execute(
                select(columns.id, columns.name, columns.summary, columns.owner_kind)
                .where(_in_reach(reach))
                .order_by(columns.name_key)
            )
            return [
                CharacterEntry(id_, name, summary, kind == OwnerKind.STOCK.value)
                for id_, name, summary, kind in rows
            ]

    async def count(self, owner: Owner) -> int:
        """How many cards the owner has."""
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(func.count()).select_from(character).where(_owned(owner))
            )
            return rows.scalar_one()

    async def bytes_of(self, owner: Owner) -> int:
        """How much room the pictures of the owner's cards take; shared ones count once."""
        hashes = (
            select(character_asset.c.hash)
            .join(character, character.c.id == character_asset.c.character_id)
            .where(_owned(owner))
        )
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(func.coalesce(func.sum(asset.c.size), 0)).where(asset.c.hash.in_(hashes))
            )
            return int(rows.scalar_one())

    async def add(
        self,
        owner: Owner,
        card: Character,
        *,
        created_by: int = 0,
        pictures: dict[str, Picture] | None = None,
        slug: str | None = None,
    ) -> StoredCharacter:
        """A new card. Raises AlreadyExists where the owner has one of this name."""
        async with self._database.write() as connection:
            await _demand_free(connection, owner, card.name)
            made = await connection.execute(
                insert(character)
                .values(
                    owner_kind=owner.kind.value,
                    owner_id=owner.id,
                    slug=slug,
                    **_values(card),
                    created_by=created_by,
                    created=now(),
                )
                .returning(character.c.id)
            )
            character_id = made.scalar_one()
            await _put_pictures(self._database, connection, character_id, pictures or {})
        return await self.get(owner, character_id)

    async def change(self, owner: Owner, character_id: int, card: Character) -> StoredCharacter:
        """Other contents for a card of the owner. Raises NotFound, AlreadyExists."""
        mine = and_(character.c.id == character_id, _owned(owner))
        async with self._database.write() as connection:
            await _demand_free(connection, owner, card.name, besides=character_id)
            changed = await connection.execute(
                update(character)
                .where(mine)
                .values(**_values(card), version=character.c.version + 1)
            )
        if changed.rowcount == 0:
            raise NotFound("no such character", what="character", name=card.name)
        return await self.get(owner, character_id)

    async def delete(self, owner: Owner, character_id: int) -> None:
        """Removes a card of the owner. Raises NotFound."""
        mine = and_(character.c.id == character_id, _owned(owner))
        async with self._database.write() as connection:
            gone = await connection.execute(delete(character).where(mine))
            if gone.rowcount:
                await drop_scope(connection, Scope.CHARACTER, character_id)
                await drop_unused_assets(connection)
        if gone.rowcount == 0:
            raise NotFound("no such character", what="character", name="")

    async def by_slug(self, slug: str) -> int | None:
        """The id of a stock card."""
        async with self._database.read() as connection:
            row = await connection.execute(
                select(character.c.id).where(character.c.slug == slug, _owned(STOCK))
            )
            return row.scalar_one_or_none()

    async def picture(self, character_id: int, purpose: str = AVATAR) -> Picture | None:
        """A picture of the card."""
        async with self._database.read() as connection:
            row = (
                await connection.execute(
                    select(asset)
                    .join(character_asset, character_asset.c.hash == asset.c.hash)
                    .where(
                        character_asset.c.character_id == character_id,
                        character_asset.c.purpose == purpose,
                    )
                )
            ).first()
        return Picture(row.hash, row.content_type, row.data) if row else None

    async def _one(self, condition: ColumnElement[bool], name: str) -> StoredCharacter:
        own_first = character.c.owner_kind == OwnerKind.STOCK.value
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(character, character_asset.c.hash)
                .join(
                    character_asset,
                    and_(
                        character_asset.c.character_id == character.c.id,
                        character_asset.c.purpose == AVATAR,
                    ),
                    isouter=True,
                )
                .where(condition)
                .order_by(own_first, character.c.id)
            )
            row = rows.first()
        if row is None:
            raise NotFound("no such character", what="character", name=name)
        owner = Owner(OwnerKind(row.owner_kind), row.owner_id)
        card = Character.from_document(row.card)
        return StoredCharacter(row.id, owner, card, row.hash, row.created_by)


def _owned(owner: Owner) -> ColumnElement[bool]:
    return and_(character.c.owner_kind == owner.kind.value, character.c.owner_id == owner.id)


def _in_reach(owner: Owner) -> ColumnElement[bool]:
    return or_(_owned(owner), _owned(STOCK))


def _values(card: Character) -> dict[str, Any]:
    text = card.creator_notes or card.description
    return {
        "name": card.name,
        "name_key": fold(card.name),
        "summary": text.strip().partition("\n")[0][:SUMMARY],
        "card": card.to_document(),
    }


async def _demand_free(
    connection: AsyncConnection, owner: Owner, name: str, besides: int = 0
) -> None:
    same = character.c.name_key == fold(name)
    rows = await connection.execute(
        select(character.c.id).where(_owned(owner), same, character.c.id != besides)
    )
    if rows.first() is not None:
        raise AlreadyExists("the name is taken", what="character", name=name)


async def _put_pictures(
    database: Database,
    connection: AsyncConnection,
    character_id: int,
    pictures: dict[str, Picture],
) -> None:
    for purpose, picture in pictures.items():
        await connection.execute(
            database.insert(asset)
            .values(
                hash=picture.hash,
                content_type=picture.content_type,
                size=len(picture.data),
                data=picture.data,
            )
            .on_conflict_do_nothing()
        )
        await connection.execute(
            insert(character_asset).values(
                character_id=character_id, purpose=purpose, hash=picture.hash
            )
        )
