"""What tables with an owner have in common: whose a row is, and that each name is taken once."""

from typing import Any

from sqlalchemy import ColumnElement, Table, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.chat.place import Owner
from core.errors import AlreadyExists
from core.storage.values import fold


def owned(table: Table, owner: Owner) -> ColumnElement[bool]:
    return and_(table.c.owner_kind == owner.kind.value, table.c.owner_id == owner.id)


def owner_columns(owner: Owner) -> dict[str, Any]:
    return {"owner_kind": owner.kind.value, "owner_id": owner.id}


def name_columns(name: str) -> dict[str, Any]:
    """The values of a name and of the form in which it is looked up."""
    return {"name": name, "name_key": fold(name)}


def named(table: Table, name: str) -> ColumnElement[bool]:
    """The rows of this name, whatever its capitals."""
    return table.c.name_key == fold(name)


async def demand_free_name(
    connection: AsyncConnection,
    table: Table,
    mine: ColumnElement[bool],
    name: str,
    besides: int = 0,
) -> None:
    """Raises AlreadyExists where another of `mine` than the row `besides` has the name."""
    taken = select(table.c.id).where(mine, named(table, name), table.c.id != besides)
    if (await connection.execute(taken)).first() is not None:
        raise AlreadyExists(what=table.name, name=name)
