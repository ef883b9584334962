"""The lorebook inside a card (`character_book`) brought to its types and limits."""

from typing import Any

from core.characters.fields import Fields
from core.characters.remarks import Problem, Remark

MAX_ENTRIES = 20_000
MAX_KEYS = 64
MAX_KEY = 256
MAX_CONTENT = 64 * 1024
_FAR = 1_000_000


def normalise_book(book: dict[str, Any], path: str, remarks: list[Remark]) -> dict[str, Any]:
    """A copy of `book` in which every field of the V2 and V3 formats has its type."""
    fields = Fields(book, path, remarks)
    result = dict(book)
    for name in ("name", "description"):
        if name in book:
            result[name] = fields.text(name)
    for name in ("scan_depth", "token_budget"):
        if book.get(name) is not None:
            result[name] = fields.integer(name, 0, 0, _FAR)
    if "recursive_scanning" in book:
        result["recursive_scanning"] = fields.flag("recursive_scanning", None)
    result["extensions"] = fields.object("extensions")
    entries = fields.objects("entries", MAX_ENTRIES)
    result["entries"] = [
        _entry(entry, f"{path}.entries[{index}]", remarks) for index, entry in enumerate(entries)
    ]
    return result


def _entry(entry: dict[str, Any], path: str, remarks: list[Remark]) -> dict[str, Any]:
    fields = Fields(entry, path, remarks)
    result = dict(entry)
    result["keys"] = _keys(fields, "keys")
    result["content"] = fields.text("content", MAX_CONTENT)
    result["extensions"] = fields.object("extensions")
    result["enabled"] = fields.flag("enabled", True)
    result["insertion_order"] = fields.integer("insertion_order", 100, -_FAR, _FAR)
    if "secondary_keys" in entry:
        result["secondary_keys"] = _keys(fields, "secondary_keys")
    for name in ("name", "comment", "position"):
        if entry.get(name) is not None:
            result[name] = fields.text(name)
    for name in ("case_sensitive", "selective", "constant", "use_regex"):
        if name in entry:
            result[name] = fields.flag(name, None)
    if entry.get("priority") is not None:
        result["priority"] = fields.integer("priority", 0, -_FAR, _FAR)
    return result


def _keys(fields: Fields, name: str) -> list[str]:
    """The keys of an entry, also from one text with commas.

    A key that is too long is left out: cut, it would match what its author did not mean.
    """
    value = fields.document.get(name)
    if isinstance(value, str):
        split = [key.strip() for key in value.split(",")]
        fields = Fields({name: split}, fields.path, fields.remarks)
        fields.note(name, Problem.CONVERTED, found="a text", expected="a list of texts")
    keys = []
    for index, key in enumerate(fields.texts(name, MAX_KEYS)):
        if len(key) <= MAX_KEY:
            keys.append(key)
        else:
            found = f"longer than {MAX_KEY} characters"
            fields.note(f"{name}[{index}]", Problem.IGNORED, found=found)
    return keys
