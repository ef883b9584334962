"""The whole store, opened once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import select

from core.settings import Settings
from core.storage.characters import CharacterStore
from core.storage.connections import ConnectionStore
from core.storage.database import Database, Store
from core.storage.forget import Forget
from core.storage.key_vault import KeyVault
from core.storage.lorebooks import LorebookStore
from core.storage.messages import MessageStore
from core.storage.options import OptionStore
from core.storage.personas import PersonaStore
from core.storage.presets import PresetStore, PresetUseStore
from core.storage.regex_scripts import RegexScriptStore
from core.storage.schema import bring_up_to_date
from core.storage.stories import StoryStore
from core.storage.tables import meta


class MetaStore(Store):
    """Small notes of the process to itself, by key."""

    async def get(self, key: str) -> str | None:
        row = await self._database.first(select(meta.c.value).where(meta.c.key == key))
        return row.value if row else None

    async def set(self, key: str, value: str) -> None:
        await self._database.change(
            self._database.insert(meta)
            .values(key=key, value=value)
            .on_conflict_do_update(index_elements=["key"], set_={"value": value})
        )


@dataclass(frozen=True, slots=True)
class Storage:
    """One object per noun, all on one database."""

    database: Database
    messages: MessageStore
    stories: StoryStore
    characters: CharacterStore
    personas: PersonaStore
    connections: ConnectionStore
    lorebooks: LorebookStore
    presets: PresetStore
    regex_scripts: RegexScriptStore
    preset_uses: PresetUseStore
    options: OptionStore
    meta: MetaStore
    forget: Forget

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings) -> AsyncIterator["Storage"]:
        """Opens the database and brings its tables up to date.

        Raises StorageInUse, StorageDamaged, SchemaBehind, SettingsError for a damaged master key.
        """
        async with Database.open(settings) as database:
            await bring_up_to_date(database)
            vault = await asyncio.to_thread(KeyVault.load, settings)
            yield cls(
                database,
                MessageStore(database),
                StoryStore(database),
                CharacterStore(database),
                PersonaStore(database),
                ConnectionStore(database, vault),
                LorebookStore(database),
                PresetStore(database),
                RegexScriptStore(database),
                PresetUseStore(database),
                OptionStore(database),
                MetaStore(database),
                Forget(database),
            )
