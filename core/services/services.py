"""All services, opened on one store."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from core.backends.catalog import Catalog
from core.services.characters import Characters
from core.services.connections import Connections
from core.services.lorebooks import Lorebooks
from core.services.options import OptionService
from core.services.personas import Personas
from core.services.preset_uses import PresetUses
from core.services.presets import PresetService
from core.services.regex_scripts import RegexScripts
from core.settings import Settings
from core.storage.storage import MetaStore, Storage


@dataclass(frozen=True, slots=True)
class Services:
    """One object per noun."""

    storage: Storage
    """For the engine."""
    characters: Characters
    personas: Personas
    connections: Connections
    lorebooks: Lorebooks
    presets: PresetService
    preset_uses: PresetUses
    regex_scripts: RegexScripts
    options: OptionService
    notes: MetaStore
    """What the process notes for itself."""

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings, catalog: Catalog) -> AsyncIterator["Services"]:
        async with Storage.open(settings) as storage:
            options = OptionService(storage.options)
            presets = PresetService(storage.presets)
            yield cls(
                storage,
                Characters(storage.characters, settings.limits),
                Personas(storage.personas),
                Connections(storage.connections, storage.stories, options, catalog, settings),
                Lorebooks(storage.lorebooks),
                presets,
                PresetUses(presets, options, storage.preset_uses),
                RegexScripts(storage.regex_scripts, storage.characters, storage.presets),
                options,
                storage.meta,
            )
