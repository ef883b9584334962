"""Presets that people imported or changed, by owner, kind and name."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import delete, select, tuple_

from core.chat.place import Owner
from core.storage.columns import fold, named, owned, owner_columns
from core.storage.database import Store
from core.storage.tables import presets

Document = dict[str, Any]


class PresetStore(Store):
    async def names(self, owner: Owner, kind: str) -> list[str]:
        mine = select(presets.c.name).where(owned(presets, owner), presets.c.kind == kind)
        return [row.name for row in await self._database.rows(mine.order_by(presets.c.name_key))]

    async def get(self, owner: Owner, kind: str, name: str) -> Document | None:
        return (await self.some(owner, [(kind, name)])).get((kind, name))

    async def some(
        self, owner: Owner, wanted: Iterable[tuple[str, str]]
    ) -> Mapping[tuple[str, str], Document]:
        """Those documents of these kinds and names that the owner has."""
        keys = {(kind, fold(name)): (kind, name) for kind, name in wanted}
        columns = presets.c
        rows = await self._database.rows(
            select(columns.kind, columns.name_key, columns.document).where(
                owned(presets, owner), tuple_(columns.kind, columns.name_key).in_(list(keys))
            )
        )
        return {keys[row.kind, row.name_key]: row.document for row in rows}

    async def put(self, owner: Owner, kind: str, name: str, document: Document) -> None:
        added = self._database.insert(presets).values(
            **owner_columns(owner),
            kind=kind,
            name=name,
            name_key=fold(name),
            document=document,
        )
        await self._database.change(
            added.on_conflict_do_update(
                index_elements=["owner_kind", "owner_id", "kind", "name_key"],
                set_={"name": added.excluded.name, "document": added.excluded.document},
            )
        )

    async def delete(self, owner: Owner, kind: str, name: str) -> bool:
        """Removes a document. False where there was none."""
        its = (owned(presets, owner), presets.c.kind == kind, named(presets, name))
        return await self._database.change(delete(presets).where(*its)) > 0
