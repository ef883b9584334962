"""Small notes of the process to itself, by key."""

from sqlalchemy import select

from core.storage.database import Database
from core.storage.tables import meta


class MetaStore:
    """Reads and writes notes. All methods raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, key: str) -> str | None:
        row = await self._database.first(select(meta.c.value).where(meta.c.key == key))
        return row.value if row else None

    async def set(self, key: str, value: str) -> None:
        await self._database.change(
            self._database.insert(meta)
            .values(key=key, value=value)
            .on_conflict_do_update(index_elements=["key"], set_={"value": value})
        )
