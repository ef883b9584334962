"""Column types that make SQLite and PostgreSQL take and give the same values."""

import json
import time
import unicodedata
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator

from core.errors import StorageDamaged
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
    """JSON kept as text: the same bytes on both databases, key order included."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """One line of JSON. None is stored as no value, not as `null`."""
        return None if value is None else write_document(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """What was written, as plain dicts and lists. Raises StorageDamaged."""
        return None if value is None else read_document(value)
