"""Deleting for good what belongs to a place, a server or a person: one id, every table."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.chat.place import Owner, OwnerKind, Scope
from core.storage import tables
from core.storage.database import Database
from core.storage.lorebooks import PERSONA

_PLACES = (Scope.CHANNEL, Scope.THREAD)
_OWNED = (
    tables.option,
    tables.connection,
    tables.character,
    tables.lore_binding,
    tables.lorebook,
    tables.preset,
    tables.seen,
    tables.variable,
    tables.story_table,
)
_SIGNED = (tables.connection, tables.character, tables.lorebook, tables.preset)
"""Tables that note who made a row, as something a server keeps."""


class Forget:
    """All methods raise StorageError. Nothing of the deleted text stays in the database's files."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def place(self, place_id: int) -> None:
        """A channel or thread that is gone: its stories, those of its threads, its settings."""
        here = or_(
            tables.story_table.c.place_id == place_id,
            tables.story_table.c.channel_id == place_id,
        )
        async with self._database.write() as connection:
            await _settings_of_places(connection, [place_id, *await _places(connection, here)])
            await _stories(connection, here)
            await connection.execute(
                delete(tables.seen).where(
                    or_(tables.seen.c.place_id == place_id, tables.seen.c.channel_id == place_id)
                )
            )
            webhooks = tables.webhook.c.channel_id == place_id
            await connection.execute(delete(tables.webhook).where(webhooks))
        await self._database.scrub()

    async def server(self, guild_id: int) -> None:
        """Everything of a server: stories, library, keys, settings."""
        owner = Owner(OwnerKind.SERVER, guild_id)
        async with self._database.write() as connection:
            own = _owned(tables.story_table, owner)
            await _settings_of_places(connection, await _places(connection, own))
            await drop_scope(connection, Scope.SERVER, guild_id)
            await _owner(connection, owner)
            for table in (tables.webhook, tables.usage, tables.level):
                await connection.execute(delete(table).where(table.c.guild_id == guild_id))
        await self._database.scrub()

    async def person(self, person_id: int) -> None:
        """Everything a person wrote anywhere, their personas, and all of their direct messages."""
        owner = Owner(OwnerKind.PERSON, person_id)
        async with self._database.write() as connection:
            own = _owned(tables.story_table, owner)
            await _settings_of_places(connection, await _places(connection, own))
            await _memories(connection, tables.message.c.author_id == person_id)
            faces = select(tables.persona.c.id).where(tables.persona.c.person_id == person_id)
            for persona_id in (await connection.execute(faces)).scalars().all():
                await drop_scope(connection, PERSONA, persona_id)
            for table, column in (
                (tables.message, "author_id"),
                (tables.persona_binding, "person_id"),
                (tables.persona, "person_id"),
                (tables.usage, "person_id"),
                (tables.level, "target_id"),
            ):
                await connection.execute(delete(table).where(table.c[column] == person_id))
            await _owner(connection, owner)
            await drop_scope(connection, Scope.PERSON, person_id)
            for table in _SIGNED:
                signed = table.c.created_by == person_id
                await connection.execute(update(table).where(signed).values(created_by=0))
        await self._database.scrub()


def _owned(table: Table, owner: Owner) -> ColumnElement[bool]:
    return and_(table.c.owner_kind == owner.kind.value, table.c.owner_id == owner.id)


async def _places(connection: AsyncConnection, stories: ColumnElement[bool]) -> list[int]:
    found = await connection.execute(
        select(tables.story_table.c.place_id).where(stories).distinct()
    )
    return list(found.scalars())


async def _stories(connection: AsyncConnection, stories: ColumnElement[bool]) -> None:
    """Sessions take their turns along, but variables have no key that points at a session."""
    ids = select(tables.story_table.c.id).where(stories)
    variables = tables.variable.c.story_id
    await connection.execute(delete(tables.variable).where(variables.in_(ids)))
    await connection.execute(delete(tables.story_table).where(stories))


async def _settings_of_places(connection: AsyncConnection, place_ids: Sequence[int]) -> None:
    for scope in _PLACES:
        for place_id in place_ids:
            await drop_scope(connection, scope, place_id)


async def drop_scope(connection: AsyncConnection, scope: str, scope_id: int) -> None:
    """Removes what was set or in use in a scope."""
    for table in (tables.option, tables.persona_binding, tables.lore_binding, tables.spend):
        there = and_(table.c.scope == scope, table.c.scope_id == scope_id)
        await connection.execute(delete(table).where(there))


async def _owner(connection: AsyncConnection, owner: Owner) -> None:
    for table in _OWNED:
        await connection.execute(delete(table).where(_owned(table, owner)))
    await drop_unused_assets(connection)


async def _memories(connection: AsyncConnection, turns: ColumnElement[bool]) -> None:
    """What was summed up from these turns tells their content on."""
    sources = select(tables.memory_source.c.memory_id).join(
        tables.message, tables.message.c.id == tables.memory_source.c.message_id
    )
    resting = tables.memory.c.id.in_(sources.where(turns))
    await connection.execute(delete(tables.memory).where(resting))


async def drop_unused_assets(connection: AsyncConnection) -> None:
    """Removes pictures that nothing shows any more."""
    used: Any = select(tables.character_asset.c.hash).union(
        select(tables.persona.c.avatar).where(tables.persona.c.avatar.is_not(None))
    )
    await connection.execute(delete(tables.asset).where(tables.asset.c.hash.not_in(used)))
