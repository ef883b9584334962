"""Modals and autocomplete choices: what Discord accepts, and how a modal is numbered."""

from functools import cache
from typing import Any

from bot.playground.rules import components as parts
from bot.playground.rules.components import (
    CHECKBOX,
    CHECKBOX_GROUP,
    COMPONENT_ID,
    CUSTOM_ID,
    FILE_UPLOAD,
    LABEL,
    RADIO_GROUP,
    ROW,
    SELECT,
    SELECTS,
    TEXT,
    TEXT_INPUT,
)
from bot.playground.rules.errors import Json, Problems
from bot.playground.rules.schema import (
    Check,
    Path,
    anything,
    boolean,
    listing,
    number,
    one_of,
    record,
    text,
    typed,
)

TOP_LEVEL = 5


@cache
def modal() -> Check:
    """The body of a modal."""
    text_input = record(
        {
            "id": COMPONENT_ID,
            "custom_id": CUSTOM_ID,
            "style": one_of(1, 2),
            "label": text(45, 1),
            "value": text(4000),
            "placeholder": text(100),
            "required": boolean,
            "min_length": number(0, 4000),
            "max_length": number(1, 4000),
        },
        ("custom_id", "style"),
    )
    label = record(
        {
            "label": text(45, 1),
            "description": text(100),
            "component": typed(_inputs(text_input)),
        },
        ("label", "component"),
    )
    row = record({"components": listing(typed({TEXT_INPUT: text_input}), 1, 1)}, ("components",))
    words = record({"content": text(4000, 1)}, ("content",))
    top = typed({ROW: row, TEXT: words, LABEL: label})
    return record(
        {"custom_id": CUSTOM_ID, "title": text(45, 1), "components": listing(top, TOP_LEVEL, 1)},
        ("custom_id", "title", "components"),
    )


def _inputs(text_input: Check) -> dict[int, Check]:
    choice = {
        "value": text(100, 1),
        "label": text(100, 1),
        "description": text(100),
        "default": boolean,
    }
    option = record(choice, ("value", "label"))
    shared: dict[str, Check] = {
        "custom_id": CUSTOM_ID,
        "required": boolean,
        "min_values": number(0, 10),
        "max_values": number(1, 10),
    }
    return {
        TEXT_INPUT: text_input,
        **{kind: parts.select(kind, required=True) for kind in sorted(SELECTS)},
        FILE_UPLOAD: record(shared, ("custom_id",)),
        RADIO_GROUP: record(shared | {"options": listing(option, 10, 2)}, ("custom_id", "options")),
        CHECKBOX_GROUP: record(
            shared | {"options": listing(option, 10, 1)}, ("custom_id", "options")
        ),
        CHECKBOX: record({"custom_id": CUSTOM_ID, "default": boolean}, ("custom_id",)),
    }


def check(components: list[Json]) -> None:
    """Rules between the parts of a modal. Raises `Refused` (50035)."""
    problems = Problems()
    everything = list(parts.walk(components))
    parts.unique_custom_ids(everything, problems)
    for component, path in everything:
        if component["type"] == SELECT:
            parts.menu(component, path, problems)
        if component["type"] == TEXT_INPUT:
            _text_input(component, path, problems)
    problems.raise_if_any()


def _text_input(component: Json, path: Path, problems: Problems) -> None:
    value = component.get("value") or ""
    most, least = component.get("max_length"), component.get("min_length") or 0
    if most is not None and (least > most or len(value) > most):
        problems.add((*path, "max_length"), "NUMBER_TYPE_MIN", "max_length is too small")
    labelled = "component" in path or component.get("label")
    if not labelled:
        problems.add((*path, "label"), "BASE_TYPE_REQUIRED", "This field is required")


def finished(given: Json) -> Json:
    """The modal as a client receives it."""
    return {
        "title": given["title"],
        "custom_id": given["custom_id"],
        "components": parts.finished(given["components"]),
    }


@cache
def choices() -> Check:
    """The body of an autocomplete answer: 25 choices of 100 characters."""

    def value(given: Any, path: Path, problems: Problems) -> None:
        if isinstance(given, str):
            text(100)(given, path, problems)

    choice = record(
        {"name": text(100, 1), "name_localizations": anything, "value": value}, ("name", "value")
    )
    return record({"choices": listing(choice, 25)})
