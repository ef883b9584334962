"""Deleting for good what belongs to a place, a server or a person: one id, every table."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.chat.place import Owner, OwnerKind, Scope
from core.storage import tables
from core.storage.columns import owned
from core.storage.database import Store
from core.storage.lorebooks import PERSONA
from core.storage.tables import stories

_PLACES = (Scope.CHANNEL, Scope.THREAD)
_OWNED = (
    tables.options,
    tables.connections,
    tables.characters,
    tables.lore_bindings,
    tables.lorebooks,
    tables.presets,
    tables.regex_scripts,
    tables.preset_uses,
    tables.seen,
    tables.variables,
    stories,
)
_SIGNED = (
    tables.characters,
    tables.lorebooks,
    tables.regex_scripts,
    tables.script_consents,
)
"""Tables that note who made a row, as something a server keeps."""


class Forget(Store):
    """Nothing of the deleted text stays in the database's files."""

    async def place(self, place_id: int) -> None:
        """A channel or thread that is gone: its stories, those of its threads, its settings."""
        here = or_(stories.c.place_id == place_id, stories.c.channel_id == place_id)
        async with self._database.write() as connection:
            await _settings_of_places(connection, [place_id, *await _places(connection, here)])
            # Variables have no key that points at a story.
            ids = select(stories.c.id).where(here)
            variables = delete(tables.variables).where(tables.variables.c.story_id.in_(ids))
            await connection.execute(variables)
            await connection.execute(delete(stories).where(here))
            noted = tables.seen.c
            there = or_(noted.place_id == place_id, noted.channel_id == place_id)
            await connection.execute(delete(tables.seen).where(there))
        await self._database.scrub()

    async def server(self, guild_id: int) -> None:
        """Everything of a server: stories, library, keys, settings."""
        owner = Owner(OwnerKind.SERVER, guild_id)
        async with self._database.write() as connection:
            await _owner(connection, owner)
            await drop_scope(connection, Scope.SERVER, guild_id)
        await self._database.scrub()

    async def person(self, person_id: int) -> None:
        """Everything a person wrote anywhere, their personas, and all of their direct messages."""
        async with self._database.write() as connection:
            own = select(tables.personas.c.id).where(tables.personas.c.person_id == person_id)
            for persona_id in (await connection.execute(own)).scalars().all():
                await drop_scope(connection, PERSONA, persona_id)
            for table, column in (
                (tables.messages, "author_id"),
                (tables.persona_bindings, "person_id"),
                (tables.personas, "person_id"),
            ):
                await connection.execute(delete(table).where(table.c[column] == person_id))
            await _owner(connection, Owner(OwnerKind.PERSON, person_id))
            await drop_scope(connection, Scope.PERSON, person_id)
            for table in _SIGNED:
                signed = table.c.created_by == person_id
                await connection.execute(update(table).where(signed).values(created_by=0))
        await self._database.scrub()


async def _places(connection: AsyncConnection, which: ColumnElement[bool]) -> list[int]:
    found = await connection.execute(select(stories.c.place_id).where(which).distinct())
    return list(found.scalars())


async def _settings_of_places(connection: AsyncConnection, place_ids: Sequence[int]) -> None:
    for scope in _PLACES:
        for place_id in place_ids:
            await drop_scope(connection, scope, place_id)


async def drop_scope(connection: AsyncConnection, scope: str, scope_id: int) -> None:
    """Removes what was set or in use in a scope."""
    scoped = (
        *(tables.options, tables.persona_bindings, tables.lore_bindings),
        tables.regex_scripts,
        tables.preset_uses,
    )
    for table in scoped:
        there = and_(table.c.scope == scope, table.c.scope_id == scope_id)
        await connection.execute(delete(table).where(there))


async def _owner(connection: AsyncConnection, owner: Owner) -> None:
    """Every row of an owner, and what was set in the places of its stories."""
    await _settings_of_places(connection, await _places(connection, owned(stories, owner)))
    for table in _OWNED:
        await connection.execute(delete(table).where(owned(table, owner)))
    await drop_unused_assets(connection)


async def drop_unused_assets(connection: AsyncConnection) -> None:
    used: Any = select(tables.character_assets.c.hash)
    await connection.execute(delete(tables.assets).where(tables.assets.c.hash.not_in(used)))
