"""Saved connections. A key is sealed for the address it was entered for."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Row, and_, delete, insert, select, update
from yarl import URL

from core.chat.place import Owner
from core.errors import AlreadyExists, NotFound, SecretError
from core.kind import Kind
from core.network.addresses import AddressClass
from core.secret import Secret
from core.storage.database import Database
from core.storage.secrets import Secrets
from core.storage.tables import connection as table
from core.storage.values import fold


@dataclass(frozen=True, slots=True)
class Connection:
    """How a model is reached. `id` is 0 for those that the operator's configuration offers."""

    name: str
    backend: str
    url: str = ""
    model: str = ""
    kind: Kind | None = None
    key: Secret = field(default_factory=Secret)
    reach: AddressClass | None = None
    """The class of address that was approved when it was saved."""
    id: int = 0
    version: int = 1
    options: Mapping[str, Any] = field(default_factory=dict)
    """`fallback`: another connection's name; `switches`: what of `Spec.switches` is on."""

    @property
    def fallback(self) -> str:
        """The connection to turn to where this one is down or used up; empty for none."""
        name = self.options.get("fallback")
        return name if isinstance(name, str) else ""

    @property
    def switches(self) -> frozenset[str]:
        """The switches of the row that are on."""
        found = self.options.get("switches")
        return frozenset(found) if isinstance(found, list) else frozenset()

    @property
    def bound_to(self) -> str:
        """What its key may be used for: scheme, host and port (reliability K3)."""
        return f"{self.backend} {URL(self.url).origin() if self.url else ''}"


class ConnectionStore:
    """Reads and writes connections. All methods raise StorageError."""

    def __init__(self, database: Database, secrets: Secrets) -> None:
        self._database = database
        self._secrets = secrets

    @property
    def keys_persist(self) -> bool:
        """Whether keys outlive the process."""
        return self._secrets.persistent

    async def list(self, owner: Owner) -> list[Connection]:
        """The owner's connections, by name."""
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(table).where(_owned(owner)).order_by(table.c.name_key)
            )
            return [self._opened(row) for row in rows]

    async def find(self, owner: Owner, name: str) -> Connection:
        """The owner's connection of this name. Raises NotFound."""
        same = table.c.name_key == fold(name)
        async with self._database.read() as connection:
            row = (await connection.execute(select(table).where(_owned(owner), same))).first()
        if row is None:
            raise NotFound("no such connection", what="connection", name=name)
        return self._opened(row)

    async def put(self, owner: Owner, new: Connection, created_by: int = 0) -> Connection:
        """Adds a connection, or replaces the one with its id. Raises AlreadyExists, NotFound.

        A key that was stored for another address is left out, whoever hands it in.
        """
        if new.id:
            before = await self._by_id(owner, new.id)
            moved = before.bound_to != new.bound_to
            if moved and new.key.reveal() == before.key.reveal():
                new = replace(new, key=Secret())
        values: dict[str, Any] = {
            "name": new.name,
            "name_key": fold(new.name),
            "backend": new.backend,
            "kind": new.kind,
            "url": new.url,
            "model": new.model,
            "reach": new.reach or "",
            "options": dict(new.options),
            "sealed_key": self._secrets.seal(new.key, new.bound_to) if new.key else None,
        }
        same = table.c.name_key == fold(new.name)
        async with self._database.write() as connection:
            taken = await connection.execute(
                select(table.c.id).where(_owned(owner), same, table.c.id != new.id)
            )
            if taken.first() is not None:
                raise AlreadyExists("the name is taken", what="connection", name=new.name)
            if new.id:
                await connection.execute(
                    update(table)
                    .where(table.c.id == new.id, _owned(owner))
                    .values(**values, version=table.c.version + 1)
                )
            else:
                await connection.execute(
                    insert(table).values(
                        owner_kind=owner.kind.value,
                        owner_id=owner.id,
                        created_by=created_by,
                        **values,
                    )
                )
        return await self.find(owner, new.name)

    async def _by_id(self, owner: Owner, connection_id: int) -> Connection:
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(table).where(_owned(owner), table.c.id == connection_id)
            )
            row = rows.first()
        if row is None:
            raise NotFound("no such connection", what="connection", name="")
        return self._opened(row)

    async def delete(self, owner: Owner, connection_id: int) -> None:
        """Removes a connection; its key leaves no trace."""
        async with self._database.write() as connection:
            await connection.execute(
                delete(table).where(table.c.id == connection_id, _owned(owner))
            )
        await self._database.scrub()

    async def delete_all(self, owner: Owner) -> None:
        """Removes every connection of an owner; their keys leave no trace."""
        async with self._database.write() as connection:
            await connection.execute(delete(table).where(_owned(owner)))
        await self._database.scrub()

    def _opened(self, row: Row[*tuple[Any, ...]]) -> Connection:
        found = Connection(
            id=row.id,
            version=row.version,
            name=row.name,
            backend=row.backend,
            kind=Kind(row.kind) if row.kind else None,
            url=row.url,
            model=row.model,
            reach=AddressClass(row.reach) if row.reach else None,
            options=row.options or {},
        )
        if not row.sealed_key:
            return found
        try:
            return replace(found, key=self._secrets.open(row.sealed_key, found.bound_to))
        except SecretError:
            # A lost key is asked for again; the connection itself is still good.
            return found


def _owned(owner: Owner) -> Any:
    return and_(table.c.owner_kind == owner.kind.value, table.c.owner_id == owner.id)
