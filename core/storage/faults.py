"""What a driver's error means to us."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.errors import (
    Conflict,
    StorageBusy,
    StorageDamaged,
    StorageError,
    StorageFull,
)
from core.reasons import Reason

_SQLITE = {
    "SQLITE_FULL": StorageFull,
    "SQLITE_BUSY": StorageBusy,
    "SQLITE_LOCKED": StorageBusy,
    "SQLITE_CORRUPT": StorageDamaged,
    "SQLITE_NOTADB": StorageDamaged,
    "SQLITE_CONSTRAINT": Conflict,
}
# Classes of PostgreSQL's error codes, "Appendix A".
_POSTGRESQL = {
    "23": Conflict,
    "40": StorageBusy,
    "53": StorageFull,
    "55": StorageBusy,
    "XX": StorageDamaged,
}
_TOO_MANY_CONNECTIONS = "53300"


@contextmanager
def told_apart() -> Iterator[None]:
    """Raises the driver's errors inside as `StorageError`s."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        raise _storage_error(error) from error
    except UnicodeDecodeError as error:  # also SQLite's own messages can hold damaged names
        raise StorageDamaged(Reason.UNREADABLE_VALUE) from error
    except PoolTimeout as error:
        raise StorageBusy() from error
    except OSError as error:
        raise StorageError(Reason.DATABASE_UNREACHABLE, str(error.strerror or error)) from error


def _storage_error(error: DBAPIError | sqlite3.Error) -> StorageError:
    """The error of ours that stands for it; statements and values are left out."""
    if isinstance(error, IntegrityError):
        return Conflict()
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        kind = _of_sqlite(cause)
    else:
        code = str(getattr(cause, "sqlstate", "") or "")
        kind = StorageBusy if code == _TOO_MANY_CONNECTIONS else _POSTGRESQL.get(code[:2])
    return (kind or StorageError)(None, str(cause).split("\n", 1)[0][:200])


def _of_sqlite(cause: sqlite3.Error) -> type[StorageError] | None:
    if str(cause).startswith("Could not decode to UTF-8"):
        return StorageDamaged
    # Extended codes carry the primary one in front: SQLITE_BUSY_SNAPSHOT, SQLITE_CORRUPT_INDEX.
    name = getattr(cause, "sqlite_errorname", None) or ""
    if name == "SQLITE_IOERR_WRITE":  # what a full disk or quota often looks like
        return StorageFull
    return next((kind for code, kind in _SQLITE.items() if name.startswith(code)), None)
