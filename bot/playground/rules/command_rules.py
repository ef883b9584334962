"""Application commands: what Discord accepts when they are registered."""

import re
from collections import Counter
from functools import cache

from bot.playground.rules.errors import Json, Problems, invalid
from bot.playground.rules.schema import (
    Check,
    Path,
    anything,
    boolean,
    demand,
    listing,
    mapping,
    number,
    one_of,
    record,
    text,
)

CHAT_INPUT, USER, MESSAGE = 1, 2, 3
SUB_COMMAND, SUB_COMMAND_GROUP = 1, 2
MOST = {CHAT_INPUT: 100, USER: 15, MESSAGE: 15}
COMMAND_CHARACTERS = 8000
# Letters and digits of any script, with the marks of Devanagari and Thai.
NAME = re.compile(r"[-_'\w\u0900-\u097F\u0E00-\u0E7F]{1,32}")
LOCALES = frozenset(
    re.findall(
        r"\S+",
        "id da de en-GB en-US es-ES es-419 fr hr it lt hu nl no pl pt-BR ro fi sv-SE vi tr cs el "
        "bg ru uk hi th zh-CN ja zh-TW ko",
    )
)


@cache
def _option(depth: int) -> Check:
    choice = record(
        {"name": text(100, 1), "name_localizations": mapping(text(100, 1)), "value": anything},
        ("name", "value"),
    )
    fields: dict[str, Check] = {
        "type": number(1, 11),
        "name": text(32, 1),
        "description": text(100, 1),
        "name_localizations": mapping(text(32, 1)),
        "description_localizations": mapping(text(100, 1)),
        "required": boolean,
        "autocomplete": boolean,
        "choices": listing(choice, 25),
        "min_length": number(0, 6000),
        "max_length": number(1, 6000),
    }
    if depth > 0:
        fields["options"] = listing(_option(depth - 1), 25)
    return record(fields, ("type", "name", "description"))


@cache
def command() -> Check:
    return record(
        {
            "type": one_of(1, 2, 3),
            "name": text(32, 1),
            "description": text(100),
            "name_localizations": mapping(text(32, 1)),
            "description_localizations": mapping(text(100)),
            "options": listing(_option(2), 25),
            "dm_permission": boolean,
            "nsfw": boolean,
            "contexts": listing(one_of(0, 1, 2), 3, 1),
            "integration_types": listing(one_of(0, 1), 2, 1),
        },
        ("name",),
    )


def check_all(commands: list[Json]) -> None:
    """Rules for one scope's commands together. Raises `Refused` (50035)."""
    demand(listing(command(), sum(MOST.values())), commands)
    kinds = Counter(each.get("type") or CHAT_INPUT for each in commands)
    for kind, most in MOST.items():
        if kinds[kind] > most:
            sentence = f"Maximum number of application commands reached ({most})"
            raise invalid((), "APPLICATION_COMMAND_TOO_MANY", sentence)
    problems = Problems()
    seen: set[tuple[int, str]] = set()
    for place, each in enumerate(commands):
        key = (each.get("type") or CHAT_INPUT, each["name"])
        if key in seen:
            sentence = "Application command names must be unique"
            problems.add((place, "name"), "APPLICATION_COMMANDS_DUPLICATE_NAME", sentence)
        seen.add(key)
        _check_one(each, (place,), problems)
    problems.raise_if_any()


def _check_one(one: Json, path: Path, problems: Problems) -> None:
    slash = (one.get("type") or CHAT_INPUT) == CHAT_INPUT
    if slash:
        if not one.get("description"):
            problems.add((*path, "description"), "BASE_TYPE_REQUIRED", "This field is required")
        _names(one, path, problems)
        _options(one.get("options") or [], (*path, "options"), problems)
    elif one.get("description") or one.get("options"):
        sentence = "Context menu commands cannot have description"
        code = "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION"
        problems.add((*path, "description"), code, sentence)
    if size(one) > COMMAND_CHARACTERS:
        sentence = f"Command exceeds maximum size ({COMMAND_CHARACTERS})"
        problems.add(path, "APPLICATION_COMMAND_TOO_LARGE", sentence)


def _names(one: Json, path: Path, problems: Problems) -> None:
    named = {"name": one["name"]}
    for locale, name in (one.get("name_localizations") or {}).items():
        named[f"name_localizations.{locale}"] = name
    for locale in [
        *(one.get("name_localizations") or {}),
        *(one.get("description_localizations") or {}),
    ]:
        if locale not in LOCALES:
            sentence = f"Locale '{locale}' is not supported"
            problems.add((*path, "name_localizations"), "BASE_TYPE_CHOICES", sentence)
    for place, name in named.items():
        if not NAME.fullmatch(name) or name != name.lower():
            problems.add(
                (*path, *place.split(".")),
                "APPLICATION_COMMAND_INVALID_NAME",
                "Command name is invalid",
            )


def _options(options: list[Json], path: Path, problems: Problems) -> None:
    optional_seen = False
    names: set[str] = set()
    for place, option in enumerate(options):
        here = (*path, place)
        _names(option, here, problems)
        if option["name"] in names:
            sentence = "Option names must be unique"
            problems.add((*here, "name"), "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", sentence)
        names.add(option["name"])
        nested = option["type"] in (SUB_COMMAND, SUB_COMMAND_GROUP)
        if not nested and option.get("required") and optional_seen:
            sentence = "Required options must be placed before non-required options"
            problems.add(here, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", sentence)
        optional_seen |= not nested and not option.get("required")
        if option.get("choices") and option.get("autocomplete"):
            sentence = "Autocomplete and choices exclude each other"
            problems.add(here, "APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID", sentence)
        _options(option.get("options") or [], (*here, "options"), problems)
    _translations(options, path, problems)


def _translations(options: list[Json], path: Path, problems: Problems) -> None:
    """Translated option names must differ within a command."""
    for locale in LOCALES:
        names = [
            (each.get("name_localizations") or {}).get(locale, each["name"]) for each in options
        ]
        if len(set(names)) != len(names):
            sentence = f"Option names must be unique in {locale}"
            problems.add(path, "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", sentence)


def size(one: Json) -> int:
    """The characters Discord counts: the longest translation of every name and text."""
    characters = _longest(one, "name") + _longest(one, "description")
    for choice in one.get("choices") or []:
        characters += _longest(choice, "name") + len(str(choice["value"]))
    return characters + sum(map(size, one.get("options") or []))


def _longest(one: Json, name: str) -> int:
    translated = (one.get(f"{name}_localizations") or {}).values()
    return max([len(one.get(name) or ""), *map(len, translated)])
