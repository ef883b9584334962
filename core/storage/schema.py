"""Brings a database to the schema that this version of the program works with."""

import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from core.errors import SchemaBehind
from core.reasons import Reason
from core.storage.database import Database
from core.storage.migrations import HEAD

_ADVISORY_LOCK = 7_268_352_914
"""Any constant number: processes that start together on PostgreSQL migrate one after another."""


async def bring_up_to_date(database: Database) -> str:
    """Makes or changes the tables in one transaction; returns the revision found before.

    A file that holds data is copied first. Raises SchemaBehind when the database comes from a
    newer version of the program.
    """
    async with database.read() as connection:
        found = await connection.run_sync(_revision)
    if found == HEAD:
        return found
    if database.path and found:
        await asyncio.to_thread(_back_up, database.path, found)
    async with database.rebuild() as connection:
        if not database.is_sqlite:
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
        await connection.run_sync(_migrate)
    return found


def _revision(connection: Connection) -> str:
    """The database's revision; empty when it is new."""
    tables = inspect(connection).get_table_names()
    if "alembic_version" in tables:
        row = connection.execute(text("SELECT version_num FROM alembic_version")).first()
        if row is not None:
            return str(row[0])
    if "message" in tables:
        raise SchemaBehind(Reason.VERSION_UNKNOWN)
    return ""


def _migrate(connection: Connection) -> None:
    # Imported here: most starts find everything up to date.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, HEAD)
    except CommandError as error:
        raise SchemaBehind(Reason.VERSION_NEWER, str(error)) from error


def _back_up(path: Path, revision: str) -> None:
    copy = path.with_name(f"{path.name}.{revision}.bak")
    os.close(os.open(copy, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600))
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
