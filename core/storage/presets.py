"""Presets that people imported or changed, by owner, kind and name."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, delete, select, tuple_

from core.chat.place import Owner, Scope
from core.storage.columns import fold, named, owned, owner_columns
from core.storage.database import Store
from core.storage.tables import preset_uses, presets

Document = dict[str, Any]
MOST_USES = 10
"""How many uses of presets can be taken back in a scope."""


class SavedPreset(NamedTuple):
    """A document and the name it was saved under, which it need not have in itself."""

    name: str
    document: Document


class PresetStore(Store):
    async def names(self, owner: Owner, kind: str) -> list[str]:
        mine = select(presets.c.name).where(owned(presets, owner), presets.c.kind == kind)
        return [row.name for row in await self._database.rows(mine.order_by(presets.c.name_key))]

    async def get(self, owner: Owner, kind: str, name: str) -> SavedPreset | None:
        return (await self.some(owner, [(kind, name)])).get((kind, name))

    async def some(
        self, owner: Owner, wanted: Iterable[tuple[str, str]]
    ) -> Mapping[tuple[str, str], SavedPreset]:
        """Those of these kinds and names that the owner has, whatever the names' capitals."""
        keys = {(kind, fold(name)): (kind, name) for kind, name in wanted}
        columns = presets.c
        rows = await self._database.rows(
            select(columns.kind, columns.name, columns.name_key, columns.document).where(
                owned(presets, owner), tuple_(columns.kind, columns.name_key).in_(list(keys))
            )
        )
        return {keys[row.kind, row.name_key]: SavedPreset(row.name, row.document) for row in rows}

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


class PresetUseStore(Store):
    """What held before presets were used: a stack for each scope."""

    async def push(self, owner: Owner, scope: Scope, scope_id: int, document: Document) -> int:
        """Notes it on top; the oldest of too many go. Returns its id."""
        there = _in_scope(owner, scope, scope_id)
        async with self._database.write() as connection:
            added = await connection.execute(
                self._database.insert(preset_uses)
                .values(**owner_columns(owner), scope=scope, scope_id=scope_id, document=document)
                .returning(preset_uses.c.id)
            )
            id_ = int(added.scalar_one())
            newest = (
                select(preset_uses.c.id)
                .where(there)
                .order_by(preset_uses.c.id.desc())
                .limit(MOST_USES)
            )
            kept = (await connection.execute(newest)).scalars().all()
            await connection.execute(
                delete(preset_uses).where(there, preset_uses.c.id.not_in(kept))
            )
        return id_

    async def top(self, owner: Owner, scope: Scope, scope_id: int) -> tuple[int, Document] | None:
        """The newest note with its id; None where there is none."""
        row = await self._database.first(
            select(preset_uses.c.id, preset_uses.c.document)
            .where(_in_scope(owner, scope, scope_id))
            .order_by(preset_uses.c.id.desc())
            .limit(1)
        )
        return (row.id, row.document) if row else None

    async def drop(self, id_: int) -> bool:
        """Removes a note. False where somebody else was faster."""
        gone = delete(preset_uses).where(preset_uses.c.id == id_)
        return await self._database.change(gone) > 0


def _in_scope(owner: Owner, scope: Scope, scope_id: int) -> ColumnElement[bool]:
    there = and_(preset_uses.c.scope == scope, preset_uses.c.scope_id == scope_id)
    return and_(owned(preset_uses, owner), there)
