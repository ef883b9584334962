"""Values of options, each under its owner and scope."""

from typing import Any

from sqlalchemy import and_, delete, or_, select

from core.chat.place import STOCK, Owner, OwnerKind, Place, Scope
from core.options.option import Stored
from core.storage.database import Database
from core.storage.tables import option


class OptionStore:
    """Reads, sets and removes values. All methods raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def in_reach(
        self, place: Place, character_id: int | None = None, person_id: int | None = None
    ) -> list[Stored]:
        """Every value that could hold here, in no order: one read per reply."""
        wanted = [
            (place.owner if scope is not Scope.EVERYWHERE else STOCK, scope, scope_id)
            for scope, scope_id in place.scopes()
        ]
        if character_id is not None:
            wanted.append((place.owner, Scope.CHARACTER, character_id))
        if person_id is not None:
            wanted.append((Owner(OwnerKind.PERSON, person_id), Scope.PERSON, person_id))
        columns = option.c
        places = or_(
            *(
                and_(
                    columns.owner_kind == owner.kind,
                    columns.owner_id == owner.id,
                    columns.scope == scope,
                    columns.scope_id == scope_id,
                )
                for owner, scope, scope_id in wanted
            )
        )
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(columns.scope, columns.scope_id, columns.key, columns.value).where(places)
            )
            return [Stored(Scope(row.scope), row.scope_id, row.key, row.value) for row in rows]

    async def put(self, owner: Owner, scope: Scope, scope_id: int, key: str, value: Any) -> None:
        """Sets one value."""
        added = self._database.insert(option).values(
            owner_kind=owner.kind,
            owner_id=owner.id,
            scope=scope,
            scope_id=scope_id,
            key=key,
            value=value,
        )
        async with self._database.write() as connection:
            await connection.execute(
                added.on_conflict_do_update(
                    index_elements=["owner_kind", "owner_id", "scope", "scope_id", "key"],
                    set_={"value": added.excluded.value, "version": option.c.version + 1},
                )
            )

    async def drop(self, owner: Owner, scope: Scope, scope_id: int, key: str) -> bool:
        """Removes one value. False when there was none."""
        columns = option.c
        async with self._database.write() as connection:
            gone = await connection.execute(
                delete(option).where(
                    columns.owner_kind == owner.kind,
                    columns.owner_id == owner.id,
                    columns.scope == scope,
                    columns.scope_id == scope_id,
                    columns.key == key,
                )
            )
            return gone.rowcount > 0
