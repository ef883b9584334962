"""Lorebook files brought to their types and limits, in the format they came in."""

from collections.abc import Callable, Mapping
from typing import Any

from core.characters.book import MAX_CONTENT, MAX_ENTRIES, normalise_book, read_keys
from core.characters.fields import Fields
from core.characters.remarks import Problem, Remark, kind_of
from core.errors import InvalidLorebook

_FAR = 1_000_000
_Reader = Callable[[Fields, str], Any]


def _number(default: int, low: int = -_FAR) -> _Reader:
    return lambda fields, name: fields.integer(name, default, low, _FAR)


def _optional_number(fields: Fields, name: str) -> int | None:
    return None if fields.document[name] is None else fields.integer(name, 0, 0, _FAR)


def _level(fields: Fields, name: str) -> int | bool:
    """A recursion level; older files say only whether there is one."""
    value = fields.document[name]
    return value if isinstance(value, bool) else fields.integer(name, 0, 0, _FAR)


def _flag(default: bool) -> _Reader:
    return lambda fields, name: fields.flag(name, default)


# The fields of SillyTavern's world info; None there means "as the global setting says".
_ENTRY: Mapping[str, _Reader] = {
    "key": read_keys,
    "keysecondary": read_keys,
    "content": lambda fields, name: fields.text(name, MAX_CONTENT),
    **dict.fromkeys(("comment", "group", "outletName", "automationId"), Fields.text),
    **dict.fromkeys(("constant", "disable", "ignoreBudget", "groupOverride"), _flag(False)),
    **dict.fromkeys(("excludeRecursion", "preventRecursion"), _flag(False)),
    **dict.fromkeys(("selective", "useProbability"), _flag(True)),
    **dict.fromkeys(("caseSensitive", "matchWholeWords", "useGroupScoring"), Fields.flag),
    **dict.fromkeys(("sticky", "cooldown", "delay", "scanDepth"), _optional_number),
    "delayUntilRecursion": _level,
    "order": _number(100),
    "groupWeight": _number(100, 0),
    "probability": _number(100, 0),
    "depth": _number(4, 0),
    "position": _number(0, 0),
    "selectiveLogic": _number(0, 0),
    "role": _optional_number,
    "triggers": Fields.texts,
    "characterFilter": Fields.object,
}


def normalise_lorebook(document: dict[str, Any]) -> tuple[dict[str, Any], list[Remark]]:
    """A copy of a lorebook document in which every known field has its type.

    World info, card books and version 3 lorebooks are read; `InvalidLorebook` for others.
    """
    remarks: list[Remark] = []
    if document.get("spec") == "lorebook_v3" and isinstance(document.get("data"), dict):
        return document | {"data": normalise_book(document["data"], "data", remarks)}, remarks
    entries = document.get("entries")
    if isinstance(entries, list) and all(_is_card_entry(entry) for entry in entries) and entries:
        return normalise_book(document, "", remarks), remarks
    if not isinstance(entries, dict | list):
        raise InvalidLorebook("its entries are missing, or in a format of another program")
    fields = Fields(document, "", remarks)
    texts = {name: fields.text(name) for name in ("name", "description") if name in document}
    return document | texts | {"entries": _entries(entries, remarks)}, remarks


def _is_card_entry(entry: Any) -> bool:
    return isinstance(entry, dict) and "keys" in entry


def _entries(entries: dict[str, Any] | list[Any], remarks: list[Remark]) -> dict[str, Any]:
    if isinstance(entries, list):
        entries = {str(index): entry for index, entry in enumerate(entries)}
    if len(entries) > MAX_ENTRIES:
        remarks.append(Remark("entries", Problem.TOO_MANY, limit=MAX_ENTRIES))
    kept = {}
    for uid, entry in list(entries.items())[:MAX_ENTRIES]:
        if isinstance(entry, dict):
            kept[uid] = _entry(entry, f"entries.{uid}", remarks)
        else:
            found = kind_of(entry)
            remarks.append(Remark(f"entries.{uid}", Problem.DROPPED, found, "an object"))
    return kept


def _entry(entry: dict[str, Any], path: str, remarks: list[Remark]) -> dict[str, Any]:
    fields = Fields({"key": [], "content": "", **entry}, path, remarks)
    known = {name: read(fields, name) for name, read in _ENTRY.items() if name in fields.document}
    matches = {name: fields.flag(name, False) for name in entry if name.startswith("match")}
    return entry | matches | known
