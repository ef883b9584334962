"""Small notes of the process to itself, by key."""

from sqlalchemy import select

from core.storage.database import Database
from core.storage.tables import meta


class Meta:
    """Reads and writes notes. All methods raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, key: str) -> str | None:
        """The note, if there is one."""
        async with self._database.read() as connection:
            row = await connection.execute(select(meta.c.value).where(meta.c.key == key))
            return row.scalar_one_or_none()

    async def set(self, key: str, value: str) -> None:
        """Writes the note."""
        added = self._database.insert(meta).values(key=key, value=value)
        async with self._database.write() as connection:
            await connection.execute(
                added.on_conflict_do_update(index_elements=["key"], set_={"value": value})
            )
