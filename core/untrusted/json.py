"""JSON from strangers, made harmless: bounded nesting and numbers, no NUL, no lone surrogates."""

import json
import math
import re
from typing import Any

from core.reasons import Reason
from core.untrusted.surrogates import clean_text
from core.untrusted.text import NotPlain as NotPlain

MAX_NESTING = 64
MAX_VALUES = 1_000_000
"""Values in one document; a lorebook of 20,000 full entries has about 900,000."""

_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
"""A string, also one that never ends: else every later quote would be tried as a beginning."""
_BRACKET = re.compile(r"[\[\]{}]")
_MAX_INTEGER = 2**63 - 1


def parse(text: str, limit: int = MAX_VALUES) -> Any:
    """The JSON document in `text`, cleaned.

    Raises `NotPlain` when it is none, nested too deep, or of more than `limit` values.
    """
    _check_shape(text, limit)
    try:
        document = json.loads(
            text,
            parse_int=lambda digits: int(digits) if len(digits) <= 19 else float(digits),
            parse_constant=lambda _: None,
        )
    except json.JSONDecodeError as error:
        raise NotPlain(Reason.JSON_FAULT, line=error.lineno, column=error.colno) from error
    except (ValueError, RecursionError) as error:
        raise NotPlain(Reason.NOT_JSON) from error
    return _mended(document)


def clean(value: Any) -> Any:
    """A copy without NUL, lone surrogates, NaN, infinity and integers beyond 63 bits.

    Numbers too large become doubles, as in every program written in JavaScript.
    """
    match value:
        case str():
            return clean_text(value)
        case bool() | None:
            return value
        case int():
            return value if abs(value) <= _MAX_INTEGER else _double(value)
        case float():
            return value if math.isfinite(value) else None
        case dict():
            return {clean_text(str(key)): clean(item) for key, item in value.items()}
        case list() | tuple():
            return [clean(item) for item in value]
    raise NotPlain(Reason.NOT_JSON, found=type(value).__name__)


def dump(document: Any, indent: int | None = 2) -> str:
    """`document` as JSON text that any program reads."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=indent)


def _mended(value: Any) -> Any:
    """As `clean`, but in place: a second copy of a large document costs as much as the first."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            value[index] = _mended(item)
        return value
    if isinstance(value, dict):
        for key, item in value.items():
            value[key] = _mended(item)
        return value if all(key == clean_text(key) for key in value) else clean(value)
    return clean(value)


def _check_shape(text: str, limit: int) -> None:
    """Counted before parsing: the parser itself would recurse and allocate first."""
    # A function for each: in between, other threads get their turn also under a large file.
    bare = _STRING.sub(lambda _: "", text)
    if bare.count(",") + bare.count("[") + bare.count("{") > limit:
        raise NotPlain(Reason.TOO_MANY_PARTS, most=limit)
    depth = 0
    for bracket in _BRACKET.finditer(bare):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > MAX_NESTING:
            raise NotPlain(Reason.TOO_DEEP, most=MAX_NESTING)


def _double(value: int) -> float | None:
    try:
        return float(value)
    except OverflowError:
        return None
