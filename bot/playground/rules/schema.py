"""A small language for the shape of request bodies, answering in Discord's `errors` tree."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from bot.playground.rules.errors import Problems

Path = tuple[str | int, ...]
Check = Callable[[Any, Path, Problems], None]


def text(most: int, least: int = 0) -> Check:
    """A string; Discord counts characters, not bytes."""

    def check(value: Any, path: Path, problems: Problems) -> None:
        if isinstance(value, bool | list | dict):
            problems.add(path, "STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.')
            return
        length = len(str(value))
        if (least and length > most) or 0 < length < least:
            sentence = f"Must be between {least} and {most} in length."
            problems.add(path, "BASE_TYPE_BAD_LENGTH", sentence)
        elif length > most:
            sentence = f"Must be {most} or fewer in length."
            problems.add(path, "BASE_TYPE_MAX_LENGTH", sentence)
        elif least and not length:
            problems.add(path, "BASE_TYPE_REQUIRED", "This field is required")

    return check


def number(least: float, most: float, *, whole: bool = True) -> Check:
    def check(value: Any, path: Path, problems: Problems) -> None:
        fits = isinstance(value, int if whole else (int, float))
        if isinstance(value, bool) or not fits:
            sentence = f'Value "{value}" is not {"int" if whole else "float"}.'
            problems.add(path, "NUMBER_TYPE_COERCE", sentence)
        elif value > most:
            sentence = f"int value should be less than or equal to {most}."
            problems.add(path, "NUMBER_TYPE_MAX", sentence)
        elif value < least:
            sentence = f"int value should be greater than or equal to {least}."
            problems.add(path, "NUMBER_TYPE_MIN", sentence)

    return check


def boolean(value: Any, path: Path, problems: Problems) -> None:
    if not isinstance(value, bool):
        problems.add(path, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")


def snowflake(value: Any, path: Path, problems: Problems) -> None:
    """An id; Discord also reads ids given as numbers."""
    if isinstance(value, bool) or not re.fullmatch("[0-9]{1,20}", str(value)):
        problems.add(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')


def url(value: Any, path: Path, problems: Problems) -> None:
    if not isinstance(value, str) or len(value) > 2048:
        problems.add(path, "BASE_TYPE_MAX_LENGTH", "Must be 2048 or fewer in length.")
    elif not re.match(r"(https?|attachment|discord)://[^\s]+$", value):
        scheme = value.partition("://")[0] if "://" in value else ""
        code = "URL_TYPE_INVALID_SCHEME" if scheme else "URL_TYPE_INVALID_URL"
        problems.add(path, code, "Not a well formed URL.")


def moment(value: Any, path: Path, problems: Problems) -> None:
    try:
        datetime.fromisoformat(str(value))
    except ValueError:
        problems.add(path, "DATE_TIME_TYPE_PARSE", f"Could not parse {value}. Should be ISO8601.")


def one_of(*values: Any) -> Check:
    def check(value: Any, path: Path, problems: Problems) -> None:
        if isinstance(value, bool | list | dict) or value not in values:
            listed = ", ".join(map(str, values))
            problems.add(path, "BASE_TYPE_CHOICES", f"Value must be one of {{{listed}}}.")

    return check


def anything(value: Any, path: Path, problems: Problems) -> None:
    """No demand."""


def listing(item: Check, most: int, least: int = 0) -> Check:
    def check(value: Any, path: Path, problems: Problems) -> None:
        if not isinstance(value, list):
            problems.add(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            return
        if not least <= len(value) <= most:
            sentence = f"Must be between {least} and {most} in length."
            if not least:
                sentence = f"Must be {most} or fewer in length."
            problems.add(path, "BASE_TYPE_BAD_LENGTH", sentence)
        for place, each in enumerate(value):
            item(each, (*path, place), problems)

    return check


def record(fields: Mapping[str, Check], required: Iterable[str] = ()) -> Check:
    """An object; null counts as absent, unknown members pass as they do at Discord."""
    needed = tuple(required)

    def check(value: Any, path: Path, problems: Problems) -> None:
        if not isinstance(value, dict):
            problems.add(path, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
            return
        for name in needed:
            if value.get(name) is None:
                problems.add((*path, name), "BASE_TYPE_REQUIRED", "This field is required")
        for name, part in fields.items():
            if value.get(name) is not None:
                part(value[name], (*path, name), problems)

    return check


def mapping(item: Check) -> Check:
    """An object with free names, such as the translations of a command."""

    def check(value: Any, path: Path, problems: Problems) -> None:
        if not isinstance(value, dict):
            problems.add(path, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
            return
        for name, each in value.items():
            item(each, (*path, name), problems)

    return check


def typed(kinds: Mapping[int, Check]) -> Check:
    """An object whose `type` says what else it holds."""

    def check(value: Any, path: Path, problems: Problems) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if isinstance(kind, bool) or not isinstance(kind, int) or kind not in kinds:
            listed = ", ".join(map(str, kinds))
            sentence = f'Value of field "type" must be one of ({listed},).'
            problems.add((*path, "type"), "UNION_TYPE_CHOICES", sentence)
            return
        kinds[kind](value, path, problems)

    return check


def demand(check: Check, value: Any) -> None:
    """Raises `Refused` (50035) with everything that is wrong about a body."""
    problems = Problems()
    check(value, (), problems)
    problems.raise_if_any()
