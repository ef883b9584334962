"""Which version a card is and where its fields are."""

from typing import Any

from core.characters.remarks import Problem, Remark, Shape, shape_of
from core.errors import InvalidCard
from core.reasons import Reason

V1_FIELDS = ("name", "description", "personality", "scenario", "first_mes", "mes_example")
V2_FIELDS = (
    "creator_notes",
    "system_prompt",
    "post_history_instructions",
    "alternate_greetings",
    "tags",
    "creator",
    "character_version",
    "extensions",
    "character_book",
)
MIRRORED = {field: field for field in V1_FIELDS + V2_FIELDS} | {"creatorcomment": "creator_notes"}
"""Root fields that repeat a field of `data` for programs that know only version 1."""

_PYGMALION = {
    "char_name": "name",
    "char_persona": "description",
    "world_scenario": "scenario",
    "char_greeting": "first_mes",
    "example_dialogue": "mes_example",
}
_VERSIONS = {"chara_card_v2": 2, "chara_card_v3": 3}


def looks_like_card(document: object) -> bool:
    """Whether a parsed JSON document is a character card of any version."""
    if not isinstance(document, dict):
        return False
    data = document.get("data")
    if isinstance(data, dict) and has_card_spec(document):
        return any(field in data or field in document for field in V1_FIELDS)
    return _is_v1(document) or _is_nested(document) or "char_name" in document


def split_document(
    document: object, remarks: list[Remark]
) -> tuple[int, dict[str, Any], dict[str, Any]]:
    """Version, root fields and `data` of a card; `InvalidCard` when it is none."""
    if not isinstance(document, dict):
        raise InvalidCard(Reason.NO_OBJECT)
    if not looks_like_card(document):
        raise InvalidCard(Reason.NO_CARD_FIELDS)
    root = {key: value for key, value in document.items() if key != "data"}
    data = document.get("data")
    if isinstance(data, dict) and not _is_v1_beside(document, data):
        return _version(document, remarks), root, _merged(root, data, remarks)
    if has_card_spec(document) or (data is not None and not isinstance(data, dict)):
        remarks.append(Remark("data", Problem.DROPPED, shape_of(data), Shape.OBJECT))
    if "char_name" in document and "name" not in document:
        return 1, root, {new: root[old] for old, new in _PYGMALION.items() if old in root}
    return 1, root, {field: root[key] for key, field in MIRRORED.items() if key in root}


def _merged(root: dict[str, Any], data: dict[str, Any], remarks: list[Remark]) -> dict[str, Any]:
    """`data` wins over the root, which fills in what `data` lacks."""
    merged = dict(data)
    for key, field in MIRRORED.items():
        if key not in root or root[key] in (None, "", []):
            continue
        if field not in data:
            merged[field] = root[key]
            remarks.append(Remark(f"data.{field}", Problem.MISSING, expected=key))
        elif root[key] != data[field]:
            used = f"data.{field}"
            remarks.append(Remark(key, Problem.CONTRADICTS, f"data.{field}", used))
    return merged


def _version(document: dict[str, Any], remarks: list[Remark]) -> int:
    spec = document.get("spec")
    version = _VERSIONS.get(spec) if isinstance(spec, str) else None
    if version is None:
        found = f"“{spec[:40]}”" if isinstance(spec, str) else shape_of(spec)
        remarks.append(Remark("spec", Problem.DROPPED, found, "chara_card_v2"))
    return version or 2


def has_card_spec(document: dict[str, Any]) -> bool:
    """Whether the document says that it is a card."""
    spec = document.get("spec")
    return isinstance(spec, str) and spec.startswith("chara_card")


def _is_v1(document: dict[str, Any]) -> bool:
    return "name" in document and any(field in document for field in V1_FIELDS[1:])


def _is_v1_beside(document: dict[str, Any], data: dict[str, Any]) -> bool:
    """A card of version 1 may hold something else of its own under `data`."""
    return (
        _is_v1(document) and not has_card_spec(document) and not any(f in data for f in V1_FIELDS)
    )


def _is_nested(document: dict[str, Any]) -> bool:
    data = document.get("data")
    return isinstance(data, dict) and _is_v1(data)
