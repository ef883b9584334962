"""Message components: what Discord accepts, and what it makes of them."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from bot.playground.rules.errors import Json, Problems
from bot.playground.rules.schema import (
    Check,
    Path,
    boolean,
    listing,
    number,
    one_of,
    record,
    snowflake,
    text,
    typed,
    url,
)

ROW, BUTTON, SELECT, TEXT_INPUT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = (
    range(1, 9)
)
SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR = range(9, 15)
CONTAINER, LABEL, FILE_UPLOAD = 17, 18, 19
RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 21, 22, 23

SELECTS = frozenset({SELECT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT})
LINK, PREMIUM = 5, 6

CUSTOM_ID = text(100, 1)
EMOJI = record({"id": snowflake, "name": text(100), "animated": boolean})
OPTION = record(
    {
        "label": text(100, 1),
        "value": text(100, 1),
        "description": text(100),
        "emoji": EMOJI,
        "default": boolean,
    },
    ("label", "value"),
)
COMPONENT_ID = number(0, 2**31 - 1)


@cache
def select(kind: int, *, required: bool = False) -> Check:
    """A select menu of a message, or (`required` allowed) of a modal."""
    fields: dict[str, Check] = {
        "id": COMPONENT_ID,
        "custom_id": CUSTOM_ID,
        "placeholder": text(150),
        "min_values": number(0, 25),
        "max_values": number(1, 25),
        "disabled": boolean,
        "default_values": listing(record({"id": snowflake}, ("id",)), 25),
    }
    needed = ["custom_id"]
    if kind == SELECT:
        fields["options"] = listing(OPTION, 25, 1)
        needed.append("options")
    if kind == CHANNEL_SELECT:
        fields["channel_types"] = listing(number(0, 20), 20)
    if required:
        fields["required"] = boolean
    return record(fields, needed)


@cache
def message_components() -> Check:
    """The top level of a message; which of them need the V2 flag is `layout`'s business."""
    media = record({"url": url}, ("url",))
    button = record(
        {
            "id": COMPONENT_ID,
            "style": one_of(1, 2, 3, 4, 5, 6),
            "custom_id": CUSTOM_ID,
            "label": text(80),
            "url": text(512),
            "emoji": EMOJI,
            "disabled": boolean,
            "sku_id": snowflake,
        },
        ("style",),
    )
    in_row = {BUTTON: button} | {kind: select(kind) for kind in sorted(SELECTS)}
    row = record({"id": COMPONENT_ID, "components": listing(typed(in_row), 5, 1)}, ("components",))
    words = record({"id": COMPONENT_ID, "content": text(4000, 1)}, ("content",))
    thumbnail = record({"media": media, "description": text(1024), "spoiler": boolean}, ("media",))
    section = record(
        {
            "components": listing(typed({TEXT: words}), 3, 1),
            "accessory": typed({BUTTON: button, THUMBNAIL: thumbnail}),
        },
        ("components", "accessory"),
    )
    item = record({"media": media, "description": text(1024), "spoiler": boolean}, ("media",))
    inner: Mapping[int, Check] = {
        ROW: row,
        SECTION: section,
        TEXT: words,
        GALLERY: record({"items": listing(item, 10, 1)}, ("items",)),
        FILE: record({"file": media, "spoiler": boolean}, ("file",)),
        SEPARATOR: record({"divider": boolean, "spacing": one_of(1, 2)}),
    }
    container = record(
        {
            "components": listing(typed(inner), 40, 1),
            "accent_color": number(0, 0xFFFFFF),
            "spoiler": boolean,
        },
        ("components",),
    )
    return listing(typed({**inner, CONTAINER: container}), 40)


def walk(components: Any, path: Path = ("components",)) -> Iterator[tuple[Json, Path]]:
    """Every component with its place in the body, nested ones after what holds them."""
    for place, component in enumerate(components or []):
        if isinstance(component, dict):
            yield from _walk_one(component, (*path, place))


def _walk_one(component: Json, path: Path) -> Iterator[tuple[Json, Path]]:
    yield component, path
    if isinstance(component.get("components"), list):
        yield from walk(component["components"], (*path, "components"))
    for name in ("component", "accessory"):
        if isinstance(component.get(name), dict):
            yield from _walk_one(component[name], (*path, name))


def layout(components: list[Json], *, is_v2: bool, problems: Problems) -> None:
    """The rules that concern a message's components together."""
    everything = list(walk(components))
    unique_custom_ids(everything, problems)
    for component, path in everything:
        if component["type"] == ROW:
            _row(component, path, problems)
        elif component["type"] == BUTTON:
            _button(component, path, problems)
        elif component["type"] in SELECTS:
            menu(component, path, problems)
    if is_v2:
        _sizes(everything, problems)
        return
    for place, component in enumerate(components):
        if component["type"] != ROW:
            sentence = 'Value of field "type" must be one of (1,).'
            problems.add(("components", place, "type"), "UNION_TYPE_CHOICES", sentence)
    if len(components) > 5:
        problems.add(("components",), "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")


def unique_custom_ids(everything: list[tuple[Json, Path]], problems: Problems) -> None:
    seen: set[str] = set()
    for component, path in everything:
        custom_id = component.get("custom_id")
        if custom_id is not None and custom_id in seen:
            problems.add(
                (*path, "custom_id"),
                "COMPONENT_CUSTOM_ID_DUPLICATED",
                "Component custom id cannot be duplicated",
            )
        seen.add(custom_id or "")


def _row(row: Json, path: Path, problems: Problems) -> None:
    kinds = [child["type"] for child in row["components"]]
    if len(kinds) > 1 and any(kind != BUTTON for kind in kinds):
        problems.add(
            (*path, "components"),
            "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
            "The specified component exceeds the maximum width",
        )


def _button(button: Json, path: Path, problems: Problems) -> None:
    style = button["style"]
    if style == LINK and (not button.get("url") or button.get("custom_id")):
        problems.add(path, "BUTTON_COMPONENT_INVALID_URL", "A link button needs a url only")
    if style < LINK and not button.get("custom_id"):
        problems.add(
            (*path, "custom_id"),
            "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED",
            "A custom id is required",
        )
    if style < LINK and button.get("url"):
        problems.add((*path, "url"), "BUTTON_COMPONENT_INVALID_URL", "Only link buttons have a url")
    if style != PREMIUM and not button.get("label") and not button.get("emoji"):
        problems.add(
            path, "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", "A label or emoji is required"
        )
    _known_emoji(button.get("emoji"), (*path, "emoji"), problems)


def _known_emoji(emoji: Json | None, path: Path, problems: Problems) -> None:
    """Plain letters are no emoji; Discord refuses them."""
    if emoji and not emoji.get("id") and re.fullmatch(r"[\x20-\x7e]*", emoji.get("name") or ""):
        problems.add((*path, "name"), "COMPONENT_INVALID_EMOJI", "Invalid emoji")


def menu(component: Json, path: Path, problems: Problems) -> None:
    """A select's options and bounds against each other."""
    options = component.get("options")
    if component["type"] != SELECT or options is None:
        return
    values = Counter(option["value"] for option in options)
    for place, option in enumerate(options):
        if values[option["value"]] > 1:
            problems.add(
                (*path, "options", place, "value"),
                "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
                "The specified option value is already used",
            )
        _known_emoji(option.get("emoji"), (*path, "options", place, "emoji"), problems)
    most = component.get("max_values") or 1
    least = component.get("min_values")
    if most > len(options) or (1 if least is None else least) > most:
        sentence = f"int value should be less than or equal to {len(options)}."
        problems.add((*path, "max_values"), "NUMBER_TYPE_MAX", sentence)


def _sizes(everything: list[tuple[Json, Path]], problems: Problems) -> None:
    if len(everything) > 40:
        problems.add(
            ("components",),
            "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
            "The maximum number of components in a message is 40",
        )
    words = sum(len(component.get("content") or "") for component, _ in everything)
    if words > 4000:
        problems.add(
            ("components",),
            "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
            "The maximum displayable text size is 4000",
        )


_DEFAULTS: dict[int, Json] = {
    BUTTON: {},
    CONTAINER: {"accent_color": None, "spoiler": False},
    FILE: {"spoiler": False, "name": None, "size": None},
    THUMBNAIL: {"description": None, "spoiler": False},
    SEPARATOR: {"divider": True, "spacing": 1},
}


def finished(components: list[Json]) -> list[Json]:
    """The components as Discord answers them: nulls dropped, defaults filled, numbered."""
    copies = [_copy(component) for component in components]
    everything = [component for component, _ in walk(copies)]
    taken = {component["id"] for component in everything if component.get("id")}
    free = (number for number in range(1, 10_000) if number not in taken)
    for component in everything:
        if not component.get("id"):
            component["id"] = next(free)
        for name, value in _defaults(component["type"]).items():
            component.setdefault(name, value)
    return copies


def _defaults(kind: int) -> Json:
    return {"min_values": 1, "max_values": 1} if kind in SELECTS else _DEFAULTS.get(kind, {})


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copy(each) for name, each in value.items() if each is not None}
    return [_copy(each) for each in value] if isinstance(value, list) else value
