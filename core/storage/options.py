"""Values of options, each under its owner and scope."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select

from core.chat.place import STOCK, Owner, OwnerKind, Place, Scope
from core.options.table import Stored
from core.storage.columns import owned, owner_columns
from core.storage.database import Store
from core.storage.tables import options


class OptionStore(Store):
    async def in_reach(
        self, place: Place, person_id: int | None = None, character_ids: Iterable[int] = ()
    ) -> list[Stored]:
        """Every value that could hold here, for a person and for characters, in no order."""
        wanted = [
            (place.owner if scope is not Scope.EVERYWHERE else STOCK, scope, scope_id)
            for scope, scope_id in place.scopes()
        ]
        wanted += [(place.owner, Scope.CHARACTER, id_) for id_ in character_ids]
        if person_id is not None:
            wanted.append((Owner(OwnerKind.PERSON, person_id), Scope.PERSON, person_id))
        columns = options.c
        rows = await self._database.rows(
            select(columns.scope, columns.scope_id, columns.key, columns.value).where(
                or_(*(_in_scope(*one) for one in wanted))
            )
        )
        return [Stored(Scope(row.scope), row.scope_id, row.key, row.value) for row in rows]

    async def everywhere(self, owner: Owner, key: str) -> list[Stored]:
        """Every value of one option that an owner has set, in no order."""
        columns = options.c
        rows = await self._database.rows(
            select(columns.scope, columns.scope_id, columns.value).where(
                owned(options, owner), columns.key == key
            )
        )
        return [Stored(Scope(row.scope), row.scope_id, key, row.value) for row in rows]

    async def put(self, owner: Owner, scope: Scope, scope_id: int, key: str, value: Any) -> None:
        added = self._database.insert(options).values(
            **owner_columns(owner), scope=scope, scope_id=scope_id, key=key, value=value
        )
        await self._database.change(
            added.on_conflict_do_update(
                index_elements=["owner_kind", "owner_id", "scope", "scope_id", "key"],
                set_={"value": added.excluded.value},
            )
        )

    async def drop(self, owner: Owner, scope: Scope, scope_id: int, key: str) -> bool:
        """Removes one value. False when there was none."""
        there = and_(_in_scope(owner, scope, scope_id), options.c.key == key)
        return await self._database.change(delete(options).where(there)) > 0


def _in_scope(owner: Owner, scope: Scope, scope_id: int) -> ColumnElement[bool]:
    there = and_(options.c.scope == scope, options.c.scope_id == scope_id)
    return and_(owned(options, owner), there)
