"""The whole store, opened once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from core.settings import Settings
from core.storage.chats import Chats
from core.storage.connections import ConnectionStore
from core.storage.database import Database
from core.storage.library import Library
from core.storage.meta import Meta
from core.storage.options import OptionStore
from core.storage.personas import PersonaStore
from core.storage.presets import PresetStore
from core.storage.secrets import Secrets
from core.storage.sessions import Sessions


@dataclass(frozen=True, slots=True)
class Storage:
    """One object per noun, all on one database."""

    database: Database
    chats: Chats
    sessions: Sessions
    library: Library
    personas: PersonaStore
    connections: ConnectionStore
    presets: PresetStore
    options: OptionStore
    meta: Meta

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings) -> AsyncIterator["Storage"]:
        """Opens the database and brings its tables up to date."""
        async with Database.open(settings) as database:
            await upgrade(database)
            yield cls(
                database,
                Chats(database),
                Sessions(database),
                Library(database),
                PersonaStore(database),
                ConnectionStore(database, Secrets.load(settings)),
                PresetStore(database),
                OptionStore(database),
                Meta(database),
            )


async def upgrade(database: Database) -> None:
    """Makes the tables that are missing."""
    from core.storage.tables import metadata

    async with database.write() as connection:
        await connection.run_sync(metadata.create_all)
