"""Which version a card is, and its fields brought to their types and limits."""

from collections.abc import Callable, Mapping
from typing import Any

from core.characters.fields import FieldReader, Problem, Remark, Shape, shape_of
from core.characters.names import FALLBACK, MAX_STORED, is_blank, stored_name
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
    is_nested = isinstance(data, dict) and _is_v1(data)
    return _is_v1(document) or is_nested or "char_name" in document


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
    spec = document.get("spec")
    return isinstance(spec, str) and spec.startswith("chara_card")


def _is_v1(document: dict[str, Any]) -> bool:
    return "name" in document and any(field in document for field in V1_FIELDS[1:])


def _is_v1_beside(document: dict[str, Any], data: dict[str, Any]) -> bool:
    """A card of version 1 may hold something else of its own under `data`."""
    return (
        _is_v1(document) and not has_card_spec(document) and not any(f in data for f in V1_FIELDS)
    )


ROLES = ("system", "user", "assistant")
MAX_ASSETS = 256
MAX_DEPTH = 10_000
# How large a lorebook may be; the largest real one seen had 34 entries.
MAX_ENTRIES = 20_000
MAX_KEYS = 64
MAX_KEY = 256
MAX_CONTENT = 64 * 1024

Read = Callable[[FieldReader, str], Any]

_TEXTS: Mapping[str, Read] = {
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
        FieldReader.text,
    ),
    "alternate_greetings": FieldReader.texts,
    "tags": FieldReader.texts,
    "extensions": FieldReader.object,
}
_ONLY_WHERE_PRESENT: Mapping[str, Read] = {
    "nickname": FieldReader.text,
    "group_only_greetings": FieldReader.texts,
    "source": FieldReader.texts,
    "creator_notes_multilingual": FieldReader.object,
    "assets": lambda fields, name: fields.objects(name, MAX_ASSETS),
}


def _flag(fields: FieldReader, name: str) -> bool | None:
    return fields.flag(name, default=None)


def _or_null(read: Read) -> Read:
    return lambda fields, name: None if fields.document[name] is None else read(fields, name)


_BOOK: Mapping[str, Read] = {
    "name": FieldReader.text,
    "description": FieldReader.text,
    **dict.fromkeys(
        ("scan_depth", "token_budget"),
        _or_null(lambda fields, name: fields.integer(name, low=0)),
    ),
    "recursive_scanning": _flag,
}
_ENTRY: Mapping[str, Read] = {
    "secondary_keys": lambda fields, name: _keys(fields, name),
    **dict.fromkeys(("name", "comment", "position"), _or_null(FieldReader.text)),
    **dict.fromkeys(("case_sensitive", "selective", "constant", "use_regex"), _flag),
    "priority": _or_null(FieldReader.integer),
}


def normalise_data(
    data: dict[str, Any], remarks: list[Remark], fallback_name: str = ""
) -> dict[str, Any]:
    """A copy of a card's `data` in which every known field has its type; unknown ones are kept."""
    fields = FieldReader(_with_listed_tags(data, remarks), "data", remarks)
    result = data | {name: read(fields, name) for name, read in _TEXTS.items()}
    result |= _present(fields, _ONLY_WHERE_PRESENT)
    result["name"] = _name(fields, fallback_name or result.get("nickname", ""))
    result["extensions"] = _extensions(result["extensions"], remarks)
    if "character_book" in data:
        result["character_book"] = _book(data["character_book"], remarks)
    return result


def _name(fields: FieldReader, fallback: str) -> str:
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
        remarks.append(Remark("data.tags", Problem.CONVERTED, Shape.WORDS, Shape.LIST_OF_WORDS))
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
        remarks.append(Remark(path, Problem.DROPPED, shape_of(note), Shape.OBJECT))
        return kept
    fields = FieldReader(note, "data.extensions.depth_prompt", remarks)
    known = {
        "prompt": fields.text("prompt"),
        "depth": fields.integer("depth", default=4, low=0, high=MAX_DEPTH),
        "role": fields.one_of("role", ROLES, "system"),
    }
    return kept | {"depth_prompt": note | known}


def _book(value: Any, remarks: list[Remark]) -> dict[str, Any] | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        remarks.append(
            Remark("data.character_book", Problem.DROPPED, shape_of(value), Shape.OBJECT)
        )
        return None
    fields = FieldReader(value, "data.character_book", remarks)
    book = value | _present(fields, _BOOK)
    return book | {
        "extensions": fields.object("extensions"),
        "entries": [
            _entry(FieldReader(entry, f"{fields.path}.entries[{index}]", remarks))
            for index, entry in enumerate(fields.objects("entries", MAX_ENTRIES))
        ],
    }


def _entry(fields: FieldReader) -> dict[str, Any]:
    known = {
        "keys": _keys(fields, "keys"),
        "content": fields.text("content", limit=MAX_CONTENT),
        "extensions": fields.object("extensions"),
        "enabled": fields.flag("enabled", default=True),
        "insertion_order": fields.integer("insertion_order", default=100),
    }
    return fields.document | known | _present(fields, _ENTRY)


def _present(fields: FieldReader, table: Mapping[str, Read]) -> dict[str, Any]:
    return {name: read(fields, name) for name, read in table.items() if name in fields.document}


def _keys(fields: FieldReader, name: str) -> list[str]:
    """The keys of an entry, also from one text with commas.

    A key that is too long is left out: cut, it would match what its author did not mean.
    """
    value = fields.document.get(name)
    if isinstance(value, str):
        split = [key.strip() for key in value.split(",")]
        fields = FieldReader({name: split}, fields.path, fields.remarks)
        fields.note(name, Problem.CONVERTED, found=Shape.WORDS, expected=Shape.LIST_OF_WORDS)
    keys = []
    for index, key in enumerate(fields.texts(name, limit=MAX_KEYS)):
        if len(key) <= MAX_KEY:
            keys.append(key)
        else:
            fields.note(f"{name}[{index}]", Problem.KEY_TOO_LONG, limit=MAX_KEY)
    return keys
