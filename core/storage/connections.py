"""Saved connections. A key is sealed for the address it was entered for."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, insert, select, update
from yarl import URL

from core.chat.place import Owner
from core.errors import NotFound, SecretError
from core.kind import Kind
from core.network import AddressClass
from core.secret import Secret
from core.storage.columns import demand_free_name, name_columns, named, owned, owner_columns
from core.storage.database import Database, Store
from core.storage.key_vault import KeyVault
from core.storage.tables import connections


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
    """`fallback`: another connection's name; `switches`: what of `Spec.switches` is on;
    `belongs_to`: whose own it is; `made_in`: where it was made."""

    @property
    def belongs_to(self) -> str:
        """The channel, thread or character whose own this is (`channel:123`); empty if shared."""
        return str(self.options.get("belongs_to") or "")

    @property
    def fallback(self) -> str:
        """The connection to turn to where this one is down or used up; empty for none."""
        name = self.options.get("fallback")
        return name if isinstance(name, str) else ""

    @property
    def switches(self) -> frozenset[str]:
        found = self.options.get("switches")
        return frozenset(found) if isinstance(found, list) else frozenset()

    @property
    def bound_to(self) -> str:
        """What its key may be used for: scheme, host and port. Elsewhere it would be given away."""
        return f"{self.backend} {URL(self.url).origin() if self.url else ''}"


class ConnectionStore(Store):
    def __init__(self, database: Database, vault: KeyVault) -> None:
        super().__init__(database)
        self._vault = vault

    @property
    def keys_persist(self) -> bool:
        """Whether keys outlive the process."""
        return self._vault.persistent

    async def list(self, owner: Owner) -> list[Connection]:
        mine = select(connections).where(owned(connections, owner))
        rows = await self._database.rows(mine.order_by(connections.c.name_key))
        return [self._opened(row) for row in rows]

    async def find(self, owner: Owner, name: str) -> Connection:
        """The owner's connection of this name. Raises NotFound."""
        return await self._one(owner, named(connections, name), name)

    async def put(self, owner: Owner, new: Connection) -> Connection:
        """Adds a connection, or replaces the one with its id. Raises AlreadyExists, NotFound.

        A key that was stored for another address is left out, whoever hands it in.
        """
        mine = owned(connections, owner)
        if new.id:
            before = await self._one(owner, connections.c.id == new.id, "")
            moved = before.bound_to != new.bound_to
            if moved and new.key.reveal() == before.key.reveal():
                new = replace(new, key=Secret())
        values = {
            **name_columns(new.name),
            "backend": new.backend,
            "kind": new.kind,
            "url": new.url,
            "model": new.model,
            "reach": new.reach or "",
            "options": dict(new.options),
            "sealed_key": self._vault.seal(new.key, new.bound_to) if new.key else None,
        }
        async with self._database.write() as connection:
            await demand_free_name(connection, connections, mine, new.name, new.id)
            await connection.execute(
                update(connections)
                .where(mine, connections.c.id == new.id)
                .values(**values, version=connections.c.version + 1)
                if new.id
                else insert(connections).values(**owner_columns(owner), **values)
            )
        return await self.find(owner, new.name)

    async def delete(self, owner: Owner, connection_id: int | None = None) -> None:
        """Removes one connection of an owner, or all (None); their keys leave no trace."""
        one = () if connection_id is None else (connections.c.id == connection_id,)
        await self._database.change(delete(connections).where(owned(connections, owner), *one))
        await self._database.scrub()

    async def _one(self, owner: Owner, which: ColumnElement[bool], name: str) -> Connection:
        its = select(connections).where(owned(connections, owner), which)
        row = await self._database.first(its)
        if row is None:
            raise NotFound(what="connection", name=name)
        return self._opened(row)

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
            return replace(found, key=self._vault.open(row.sealed_key, found.bound_to))
        except SecretError:
            # A lost key is asked for again; the connection itself is still good.
            return found
