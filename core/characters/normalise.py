"""The fields of a card brought to their types and limits."""

from collections.abc import Callable, Mapping
from typing import Any

from core.characters.book import normalise_book
from core.characters.fields import Fields
from core.characters.names import FALLBACK, MAX_STORED, is_blank, stored_name
from core.characters.remarks import Problem, Remark, kind_of

ROLES = ("system", "user", "assistant")
MAX_ASSETS = 256
MAX_DEPTH = 10_000

_TEXTS: Mapping[str, Callable[[Fields, str], Any]] = {
    **dict.fromkeys(
        (
            "description",
            "personality",
            "scenario",
            "first_mes",
            "mes_example",
            "creator_notes",
            "system_prompt",
            "post_history_instructions",
            "creator",
            "character_version",
        ),
        Fields.text,
    ),
    "alternate_greetings": Fields.texts,
    "tags": Fields.texts,
    "extensions": Fields.object,
}
_ONLY_WHERE_PRESENT: Mapping[str, Callable[[Fields, str], Any]] = {
    "nickname": Fields.text,
    "group_only_greetings": Fields.texts,
    "source": Fields.texts,
    "creator_notes_multilingual": Fields.object,
    "assets": lambda fields, name: fields.objects(name, MAX_ASSETS),
}


def normalise_data(
    data: dict[str, Any], remarks: list[Remark], fallback_name: str = ""
) -> dict[str, Any]:
    """A copy of a card's `data` in which every known field has its type; unknown ones are kept."""
    fields = Fields(_with_listed_tags(data, remarks), "data", remarks)
    result = dict(data)
    result |= {name: read(fields, name) for name, read in _TEXTS.items()}
    for name, read in _ONLY_WHERE_PRESENT.items():
        if name in data:
            result[name] = read(fields, name)
    result["name"] = _name(fields, fallback_name or result.get("nickname", ""))
    result["extensions"] = _extensions(result["extensions"], remarks)
    if "character_book" in data:
        result["character_book"] = _book(data["character_book"], remarks)
    return result


def _name(fields: Fields, fallback: str) -> str:
    text = fields.text("name")
    name = stored_name(text)
    if len(text.strip()) > MAX_STORED:
        fields.note("name", Problem.CUT, limit=MAX_STORED)
    if not is_blank(name):
        return name
    fallback = FALLBACK if is_blank(fallback) else stored_name(fallback)
    fields.note("name", Problem.MISSING, expected=f"“{fallback}”")
    return fallback


def _with_listed_tags(data: dict[str, Any], remarks: list[Remark]) -> dict[str, Any]:
    """Old cards hold their tags as one text with commas."""
    tags = data.get("tags")
    if not isinstance(tags, str):
        return data
    if tags:
        remarks.append(Remark("data.tags", Problem.CONVERTED, "a text", "a list of texts"))
    return data | {"tags": [tag.strip() for tag in tags.split(",") if tag.strip()]}


def _extensions(extensions: dict[str, Any], remarks: list[Remark]) -> dict[str, Any]:
    note = extensions.get("depth_prompt")
    if note is None:
        return extensions
    kept = {key: value for key, value in extensions.items() if key != "depth_prompt"}
    if isinstance(note, str):
        note = {"prompt": note}
    if not isinstance(note, dict):
        path = "data.extensions.depth_prompt"
        remarks.append(Remark(path, Problem.DROPPED, kind_of(note), "an object"))
        return kept
    fields = Fields(note, "data.extensions.depth_prompt", remarks)
    known = {
        "prompt": fields.text("prompt"),
        "depth": fields.integer("depth", 4, 0, MAX_DEPTH),
        "role": fields.one_of("role", ROLES, "system"),
    }
    return kept | {"depth_prompt": note | known}


def _book(value: Any, remarks: list[Remark]) -> dict[str, Any] | None:
    if isinstance(value, dict):
        return normalise_book(value, "data.character_book", remarks)
    if value is not None:
        remarks.append(Remark("data.character_book", Problem.DROPPED, kind_of(value), "an object"))
    return None
