"""The whole store, opened once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from core.settings import Settings
from core.storage.chats import Chats
from core.storage.connections import ConnectionStore
from core.storage.database import Database
from core.storage.forget import Forget
from core.storage.library import Library
from core.storage.lorebooks import LorebookStore
from core.storage.meta import Meta
from core.storage.options import OptionStore
from core.storage.personas import PersonaStore
from core.storage.presets import PresetStore
from core.storage.schema import bring_up_to_date
from core.storage.secrets import Secrets
from core.storage.stories import StoryStore


@dataclass(frozen=True, slots=True)
class Storage:
    """One object per noun, all on one database."""

    database: Database
    chats: Chats
    stories: StoryStore
    library: Library
    personas: PersonaStore
    connections: ConnectionStore
    lorebooks: LorebookStore
    presets: PresetStore
    options: OptionStore
    meta: Meta
    forget: Forget

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings) -> AsyncIterator["Storage"]:
        """Opens the database and brings its tables up to date.

        Raises StorageInUse, StorageDamaged, SchemaBehind, SettingsError for a damaged master key.
        """
        async with Database.open(settings) as database:
            await bring_up_to_date(database)
            secrets = await asyncio.to_thread(Secrets.load, settings)
            yield cls(
                database,
                Chats(database),
                StoryStore(database),
                Library(database),
                PersonaStore(database),
                ConnectionStore(database, secrets),
                LorebookStore(database),
                PresetStore(database),
                OptionStore(database),
                Meta(database),
                Forget(database),
            )
