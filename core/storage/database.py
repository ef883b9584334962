"""The connection to the database: one writer on SQLite, readers beside it, one process."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import Executable, Row, Table, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from core.errors import SettingsError, StorageBusy, StorageDamaged, StorageError, StorageInUse
from core.reasons import Reason
from core.settings import Settings
from core.storage.faults import told_apart

BUSY_SECONDS = 15
"""How long a write waits for another program that holds the file."""
LOCK_SECONDS = 1.0
CLOSING_SECONDS = 5.0
"""How long the end waits for work under way and for what that work still asks for."""
QUEUE = 1_000
"""Writes that may wait at once; more would only fill the memory."""
READERS = 3

_BOTH = {"busy_timeout": BUSY_SECONDS * 1000, "cell_size_check": "ON", "trusted_schema": "OFF"}
_WRITER = _BOTH | {
    "journal_mode": "WAL",
    # A message that was shown must survive a power cut.
    "synchronous": "FULL",
    "foreign_keys": "ON",
    # Deleted text leaves no trace in free pages, nor in temporary files.
    "secure_delete": "ON",
    "temp_store": "MEMORY",
}
_READER = _BOTH | {"query_only": "ON"}

_Reading = tuple["Database", "asyncio.Task[Any] | None", AsyncConnection]
_around: ContextVar[_Reading | None] = ContextVar("around", default=None)
"""The read that the present code runs in. Tasks begun inside see it too, and must not join it."""


class Database:
    """Transactions on one database. Made by `open`."""

    def __init__(self, url: URL, writer: AsyncEngine, reader: AsyncEngine) -> None:
        self.url = url
        self._writer = writer
        self._reader = reader
        self._writing = asyncio.Lock()
        self._waiting = 0
        self._users = 0
        """Those who wait for a connection, have one or are giving it back."""
        self._unused = asyncio.Event()
        self._closed = False

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings) -> AsyncIterator["Database"]:
        """Locks, checks and connects; the schema is left as it is.

        Raises StorageInUse (within two seconds), StorageDamaged, StorageError.
        """
        url = make_url(settings.database.url)
        if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
            raise SettingsError(Reason.DATABASE_IN_MEMORY, key="database.url")
        async with AsyncExitStack() as stack:
            path = sqlite_path(url)
            if path:
                try:
                    await asyncio.to_thread(_prepare, path)
                    lock = await asyncio.to_thread(_lock, path)
                except OSError as error:
                    said = error.strerror or ""
                    raise StorageError(Reason.NOT_WRITABLE, said, path=path) from error
                stack.callback(lock.release)
            try:
                writer, reader = _engines(url)
            except ModuleNotFoundError as error:
                raise SettingsError(Reason.DATABASE_DRIVER_MISSING, key="database.url") from error
            stack.push_async_callback(writer.dispose)
            stack.push_async_callback(reader.dispose)
            database = cls(url, writer, reader)
            stack.push_async_callback(database._close)
            if path:
                await database._check(path)
            yield database

    @property
    def path(self) -> Path | None:
        return sqlite_path(self.url)

    @property
    def shown(self) -> str:
        """The address without its password."""
        return self.url.render_as_string(hide_password=True)

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    def insert(self, table: Table) -> "sqlite.Insert | postgresql.Insert":
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    async def rows(self, question: Executable) -> Sequence[Row[*tuple[Any, ...]]]:
        """The answer to one question. Raises StorageError."""
        async with self.read() as connection:
            return (await connection.execute(question)).all()

    async def first(self, question: Executable) -> Row[*tuple[Any, ...]] | None:
        """The first row of the answer, if there is one. Raises StorageError."""
        return next(iter(await self.rows(question)), None)

    async def change(self, statement: Executable) -> int:
        """One statement in a transaction of its own; how many rows it changed.

        Raises StorageError.
        """
        async with self.write() as connection:
            return (await connection.execute(statement)).rowcount

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A snapshot: everything read inside is of one moment. Raises StorageError.

        Reads of the same task inside another read belong to it: several stores, one transaction.
        """
        task, around = asyncio.current_task(), _around.get()
        if around is not None and around[:2] == (self, task):
            yield around[2]
            return
        with told_apart():
            async with self._connected(self._reader) as connection, connection.begin():
                token = _around.set((self, task, connection))
                try:
                    yield connection
                finally:
                    _around.reset(token)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """One transaction, on disk when the block is left. Raises StorageError.

        A caller that is cancelled may find it done or not done, never half done.
        """
        if self._waiting >= QUEUE:
            raise StorageBusy()
        with told_apart():
            async with self._one_writer() as connection, connection.begin():
                yield connection

    @asynccontextmanager
    async def rebuild(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that may replace whole tables.

        SQLite changes a table by copying and dropping it; with foreign keys in force the drop
        would take along every row that refers to it. They are checked at the end instead.
        """
        if not self.is_sqlite:
            async with self.write() as connection:
                yield connection
            return
        with told_apart():
            async with self._one_writer() as connection:
                await _pragma(connection, "foreign_keys=OFF")
                try:
                    async with connection.begin():
                        yield connection
                        broken = await connection.execute(text("PRAGMA foreign_key_check"))
                        if broken.first() is not None:
                            raise StorageDamaged(Reason.DANGLING_ROWS)
                finally:
                    await _pragma(connection, "foreign_keys=ON")

    async def scrub(self) -> None:
        """Empties the write-ahead log, which still holds what was deleted."""
        if not self.is_sqlite:
            return
        with told_apart():
            async with self._one_writer() as connection:
                await _pragma(connection, "wal_checkpoint(TRUNCATE)")

    @asynccontextmanager
    async def _one_writer(self) -> AsyncIterator[AsyncConnection]:
        """A connection that may write; SQLite has one, for which all wait in line."""
        if not self.is_sqlite:
            async with self._connected(self._writer) as connection:
                yield connection
            return
        self._come()
        try:
            self._waiting += 1
            try:
                await self._writing.acquire()
            finally:
                self._waiting -= 1
            try:
                async with self._connected(self._writer) as connection:
                    yield connection
            finally:
                self._writing.release()
        finally:
            self._go()

    @asynccontextmanager
    async def _connected(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        """A connection of the pool, given back whatever becomes of the caller.

        The pool would lose one that is being made or closed when its caller is cancelled.
        """
        self._come()
        connection = engine.connect()
        starting = asyncio.ensure_future(connection.start())
        try:
            await asyncio.shield(starting)
            yield connection
        finally:
            await asyncio.shield(asyncio.create_task(self._give_back(connection, starting)))

    async def _give_back(
        self, connection: AsyncConnection, starting: asyncio.Future[AsyncConnection]
    ) -> None:
        try:
            with suppress(Exception):
                await starting
            if starting.exception() is None:
                await connection.close()
        finally:
            self._go()

    def _come(self) -> None:
        if self._closed:
            raise StorageError(Reason.DATABASE_CLOSED)
        self._users += 1

    def _go(self) -> None:
        self._users -= 1
        if not self._users:
            self._unused.set()

    async def _close(self) -> None:
        """Waits until nobody uses the database, then lets nobody in: the pool closes only the
        connections that it has, and would make new ones."""
        for seconds in (CLOSING_SECONDS, BUSY_SECONDS):
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    while self._users:  # somebody new may have come before this goes on
                        self._unused.clear()
                        await self._unused.wait()
            self._closed = True

    async def _check(self, path: Path) -> None:
        try:
            async with self.write() as connection:
                found = (await connection.execute(text("PRAGMA integrity_check(1)"))).scalar_one()
        except StorageDamaged as error:
            raise _damaged(path, error.reason, error.detail) from error
        if found != "ok":
            raise _damaged(path, None, str(found))


class Store:
    """The rows of one noun. All methods of stores raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database


async def _pragma(connection: AsyncConnection, pragma: str) -> None:
    """Runs it on the bare connection: inside a transaction these do nothing."""
    raw = (await connection.get_raw_connection()).driver_connection
    assert raw is not None
    cursor = await raw.execute(f"PRAGMA {pragma}")
    await cursor.close()


def sqlite_path(url: URL) -> Path | None:
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def _prepare(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    log = path.with_name(path.name + "-wal")
    if not path.exists() and log.exists() and log.stat().st_size:
        raise _damaged(path, Reason.ONLY_WRITE_AHEAD_LOG)
    # Made before SQLite does, so that nobody else can read it for even a moment; SQLite
    # gives its other files the same mode.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    path.chmod(0o600)


def _lock(path: Path) -> FileLock:
    lock = FileLock(path.with_name(path.name + ".lock"), thread_local=False, mode=0o600)
    try:
        lock.acquire(timeout=LOCK_SECONDS)
    except Timeout:
        raise StorageInUse(path=path) from None
    return lock


def backups(path: Path) -> list[Path]:
    """Copies made before migrations, newest first."""
    found = path.parent.glob(f"{path.name}.*.bak")
    return sorted(found, key=lambda copy: copy.stat().st_mtime, reverse=True)


def _damaged(path: Path, reason: Reason | None, detail: str = "") -> StorageDamaged:
    newest = next(iter(backups(path)), None)
    return StorageDamaged(reason, detail[:200], path=path, backup=newest)


def _engines(url: URL) -> tuple[AsyncEngine, AsyncEngine]:
    if url.get_backend_name() != "sqlite":
        engine = create_async_engine(url, pool_size=10, pool_timeout=BUSY_SECONDS)
        event.listens_for(engine.sync_engine, "checkout")(_demand_open)
        return engine, engine
    # Transactions are begun by us: the driver's own way would begin them only at the first write.
    arguments: dict[str, Any] = {"isolation_level": None, "timeout": BUSY_SECONDS}
    writer = create_async_engine(url, connect_args=arguments, pool_size=1, max_overflow=0)
    reader = create_async_engine(url, connect_args=arguments, pool_size=READERS, max_overflow=0)
    _behave(writer, _WRITER, "BEGIN IMMEDIATE")
    _behave(reader, _READER, "BEGIN")
    return writer, reader


def _demand_open(_connection: object, record: Any, _proxy: object) -> None:
    """Has the pool make a new connection where the server has closed this one.

    The driver knows by itself that it was closed; a ping would cost a round trip each time.
    """
    if record.driver_connection.is_closed():
        raise DisconnectionError("the server closed it")


def _behave(engine: AsyncEngine, pragmas: dict[str, object], begin: str) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for name, value in pragmas.items():
            cursor.execute(f"PRAGMA {name}={value}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def began(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    @event.listens_for(engine.sync_engine, "invalidate")
    def given_up(connection: Any, _record: object, _error: object) -> None:
        # Its caller was cancelled amid a statement. Closed with rows still to be fetched, it
        # would keep its transaction, and the file's lock, until it is collected.
        with suppress(Exception):
            connection.rollback()
