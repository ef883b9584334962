"""Presets that people imported or changed, by owner, kind and name."""

from typing import Any

from sqlalchemy import ColumnElement, and_, delete, select

from core.chat.place import Owner
from core.storage.database import Database
from core.storage.tables import preset
from core.storage.values import fold


class PresetStore:
    """Reads and writes presets as documents. All methods raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def names(self, owner: Owner, kind: str) -> list[str]:
        """The owner's presets of a kind, by name."""
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(preset.c.name)
                .where(_owned(owner), preset.c.kind == kind)
                .order_by(preset.c.name_key)
            )
            return list(rows.scalars())

    async def get(self, owner: Owner, kind: str, name: str) -> dict[str, Any] | None:
        """One document; None where the owner has none of this name."""
        same = preset.c.name_key == fold(name)
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(preset.c.document).where(_owned(owner), preset.c.kind == kind, same)
            )
            return rows.scalar_one_or_none()

    async def put(
        self, owner: Owner, kind: str, name: str, document: dict[str, Any], created_by: int = 0
    ) -> None:
        """Adds or replaces a document."""
        added = self._database.insert(preset).values(
            owner_kind=owner.kind.value,
            owner_id=owner.id,
            kind=kind,
            name=name,
            name_key=fold(name),
            document=document,
            created_by=created_by,
        )
        async with self._database.write() as connection:
            await connection.execute(
                added.on_conflict_do_update(
                    index_elements=["owner_kind", "owner_id", "kind", "name_key"],
                    set_={
                        "name": added.excluded.name,
                        "document": added.excluded.document,
                        "version": preset.c.version + 1,
                    },
                )
            )

    async def delete(self, owner: Owner, kind: str, name: str) -> bool:
        """Removes a document. False where there was none."""
        same = preset.c.name_key == fold(name)
        async with self._database.write() as connection:
            gone = await connection.execute(
                delete(preset).where(_owned(owner), preset.c.kind == kind, same)
            )
            return gone.rowcount > 0


def _owned(owner: Owner) -> ColumnElement[bool]:
    return and_(preset.c.owner_kind == owner.kind.value, preset.c.owner_id == owner.id)
