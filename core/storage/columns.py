"""Columns that are alike in many tables: text and JSON, owners, and names that are taken once.

The column types make SQLite and PostgreSQL take and give the same values.
"""

import json
import time
import unicodedata
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Dialect, Integer, Table, Text, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeDecorator

from core.chat.place import Owner
from core.errors import AlreadyExists, StorageDamaged
from core.reasons import Reason
from core.untrusted.surrogates import clean_text

Snowflake = BigInteger().with_variant(Integer, "sqlite")
"""64-bit ids. SQLite makes new ones only for columns it calls INTEGER."""


def now() -> int:
    """UTC milliseconds. For showing only: order goes by snowflakes, a clock may jump."""
    return time.time_ns() // 1_000_000


def fold(name: str) -> str:
    """The name as it is compared: databases fold only ASCII, or not as Python does."""
    return unicodedata.normalize("NFKC", clean_text(name).strip()).casefold()


def write_document(value: Any) -> str:
    return clean_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def read_document(text: str) -> Any:
    """The JSON value of a `JsonText`. Raises StorageDamaged."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise StorageDamaged(Reason.UNREADABLE_VALUE) from error


class UnicodeText(TypeDecorator[str]):
    """Text of any length from anybody."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else clean_text(value)


class JsonText(TypeDecorator[Any]):
    """JSON kept as text: the same bytes on both databases, key order included.

    With `keeps_none` None is a value like any other, else it is stored as no value.
    """

    impl = Text
    cache_ok = True

    def __init__(self, *, keeps_none: bool = False) -> None:
        super().__init__()
        self.keeps_none = keeps_none

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """One line of JSON."""
        return None if value is None and not self.keeps_none else write_document(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """What was written, as plain dicts and lists. Raises StorageDamaged."""
        return None if value is None else read_document(value)


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
