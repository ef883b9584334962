"""What a person picked in a menu or wrote into a modal, checked as Discord's client does."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.playground.people.options import Impossible, Resolved
from bot.playground.rules.components import (
    CHANNEL_SELECT,
    CHECKBOX,
    CHECKBOX_GROUP,
    FILE_UPLOAD,
    LABEL,
    MENTIONABLE_SELECT,
    RADIO_GROUP,
    ROLE_SELECT,
    ROW,
    SELECT,
    SELECTS,
    TEXT_INPUT,
    USER_SELECT,
)
from bot.playground.rules.errors import Json
from bot.playground.world.models import Upload


def select(component: Json, values: list[str], resolved: Resolved) -> list[str]:
    """The chosen values of a menu. Raises Impossible."""
    least, most = component.get("min_values", 1), component.get("max_values", 1)
    if component.get("required") is False and not values:
        return values
    if not least <= len(values) <= most:
        raise Impossible(f"Choose {least} to {most}.")
    if component["type"] == SELECT:
        _offered(component, values)
        return values
    find = {
        USER_SELECT: resolved.user,
        ROLE_SELECT: resolved.role,
        MENTIONABLE_SELECT: resolved.mentionable,
        CHANNEL_SELECT: resolved.place,
    }[component["type"]]
    for value in values:
        find(value)
    return values


def _offered(component: Json, values: Sequence[str]) -> None:
    offered = {option["value"] for option in component["options"]}
    if unknown := [value for value in values if value not in offered]:
        raise Impossible(f"{unknown[0]!r} is not among the choices.")


def fill_in(
    components: list[Json],
    values: Mapping[str, Any],
    uploads: Sequence[Upload],
    resolved: Resolved,
) -> list[Json]:
    """The components of a submitted modal. Raises Impossible for what the form refuses."""
    filled = []
    for component in components:
        shown: Json = {"type": component["type"], "id": component["id"]}
        if component["type"] == LABEL:
            inner = component["component"]
            shown["component"] = _field(inner, values.get(inner["custom_id"]), uploads, resolved)
        elif component["type"] == ROW:
            inner = component["components"][0]
            field = _field(inner, values.get(inner["custom_id"]), uploads, resolved)
            shown["components"] = [field]
        filled.append(shown)
    return filled


def _field(component: Json, given: Any, uploads: Sequence[Upload], resolved: Resolved) -> Json:
    kind = component["type"]
    field: Json = {"type": kind, "id": component["id"], "custom_id": component["custom_id"]}
    if kind == TEXT_INPUT:
        field["value"] = _text(component, given)
    elif kind in SELECTS:
        field["values"] = select(component, _listed(given), resolved)
    elif kind == FILE_UPLOAD:
        field["values"] = _files(component, _listed(given), uploads, resolved)
    elif kind == CHECKBOX:
        chosen = component.get("default", False) if given is None else given
        field["value"] = chosen is True or str(chosen).lower() == "true"
    elif kind == CHECKBOX_GROUP:
        picked = _listed(given)
        _offered(component, picked)
        _count(component, len(picked), component.get("max_values", len(component["options"])))
        field["values"] = picked
    elif kind == RADIO_GROUP:
        picked = _listed(given)
        _offered(component, picked)
        _count(component, len(picked), 1)
        field["value"] = picked[0] if picked else None
    return field


def _listed(given: Any) -> list[str]:
    if given is None:
        return []
    return [str(each) for each in given] if isinstance(given, list | tuple) else [str(given)]


def _text(component: Json, given: Any) -> str:
    text = component.get("value", "") if given is None else str(given)
    if not text and component.get("required", True):
        raise Impossible(f"The field {component['custom_id']!r} is required.")
    least, most = component.get("min_length", 0), component.get("max_length", 4000)
    if text and not least <= len(text) <= most:
        raise Impossible(
            f"The field {component['custom_id']!r} takes {least} to {most} characters."
        )
    return text


def _count(component: Json, count: int, most: int) -> None:
    required = component.get("required", True)
    least = component.get("min_values", 1) if required else 0
    if not least <= count <= most:
        raise Impossible(f"Choose {least} to {most} for {component['custom_id']!r}.")


def _files(
    component: Json, numbers: list[str], uploads: Sequence[Upload], resolved: Resolved
) -> list[str]:
    """Ids of the uploaded files; `numbers` name them as n of files[n]."""
    by_number = {upload.field: upload for upload in uploads}
    _count(component, len(numbers), component.get("max_values", 1))
    ids = []
    for number in numbers:
        upload = by_number.get(f"files[{number}]")
        if upload is None:
            raise Impossible(f"There is no file {number}.")
        ids.append(resolved.attachment(upload))
    return ids
