"""Lorebooks and modules of RisuAI.

Fields: kwaroran/RisuAI src/ts/process/lorebook.svelte.ts (`importLoreBook`, the decorators) and
src/ts/process/modules.ts (`exportModule`).
"""

import re
from collections.abc import Mapping
from typing import Any

from core.characters.fields import Problem, Remark
from core.characters.makers.sheet import (
    AFTER_CHARACTER,
    AND_ANY,
    AT_DEPTH,
    NOT_ALL,
    NOT_ANY,
    MakerEntry,
    MakerReader,
    read_lore,
    world_info,
)

_ENTRY_PASSIVE: Mapping[str, object] = {
    "id": ...,
    "mode": ...,
    "folder": ...,
    "loreCache": ...,
    "bookVersion": ...,
    "selective": ...,
    "extentions": ...,
}
_MODULE_PASSIVE: Mapping[str, object] = dict.fromkeys(
    ("type", "ver", "id", "namespace", "name", "description", "data", "lorebook"), ...
)
_DECORATOR = re.compile(r"@@(\w+)[ \t]*([^\n]*)(?:\n|\Z)")
_ROLES = {"system": 0, "user": 1, "assistant": 2, "char": 2, "bot": 2}
_AFTER = {"after_desc", "personality", "scenario"}


def is_packed(data: bytes) -> bool:
    """Whether the bytes are a module in RisuAI's own packing: a mark, a version, a length."""
    return data[:2] == b"\x6f\0" and len(data) - int.from_bytes(data[2:6], "little") >= 6


def is_book(document: Any) -> bool:
    if isinstance(document, list):
        return any(isinstance(one, dict) and "alwaysActive" in one for one in document)
    if not isinstance(document, dict):
        return False
    kind = document.get("type")
    return (kind == "risu" and isinstance(document.get("data"), list)) or kind == "risuModule"


def book(document: Any, remarks: list[Remark]) -> dict[str, Any]:
    """The lorebook of the file; what else a module holds is named."""
    if isinstance(document, list):
        document = {"data": document}
    fields = MakerReader(document, "", remarks)
    fields.note_spare(_MODULE_PASSIVE)
    where = "lorebook" if document.get("type") == "risuModule" else "data"
    entries = [
        entry
        for entry in fields.objects(where, 1_000_000)
        if entry.get("mode") != "folder"  # a heading in its editor
    ]
    read = read_lore(entries, where, remarks, _entry, _ENTRY_PASSIVE)
    return world_info(fields.text("name"), fields.text("description"), read)


def _entry(fields: MakerReader) -> MakerEntry:
    content, decorators = _decorated(fields.text("content"))
    keys, secondary = fields.keys("key"), fields.keys("secondkey")
    if fields.flag("useRegex", default=False):
        keys = [_pattern(text) for text in (fields.text("key"),) if text]
        secondary = [_pattern(text) for text in (fields.text("secondkey"),) if text]
    if not fields.flag("selective", default=False):
        secondary = []
    chance = fields.integer("activationPercent", default=100, low=0, high=100)
    constant = fields.flag("alwaysActive", default=False)
    made = _Decorated(fields, keys, secondary, chance, constant=constant)
    for name, said in decorators:
        made.decorate(name, said)
    return MakerEntry(
        keys=made.keys,
        secondary=made.secondary,
        logic=made.logic,
        content=content,
        title=fields.text("comment"),
        enabled=made.enabled,
        constant=made.constant,
        order=fields.integer("insertorder", default=100),
        position=made.position,
        more=made.more,
    )


class _Decorated:
    """An entry while its decorators are read."""

    def __init__(
        self,
        fields: MakerReader,
        keys: list[str],
        secondary: list[str],
        chance: int,
        *,
        constant: bool,
    ) -> None:
        self.fields = fields
        self.keys = keys
        self.secondary = secondary
        self.logic = AND_ANY
        self.constant = constant
        self.enabled = True
        self.position = 0
        self.more: dict[str, Any] = {"probability": chance}

    def decorate(self, name: str, said: str) -> None:
        """Does what a decorator says; those without a counterpart are named."""
        words = [word.strip() for word in said.split(",") if word.strip()]
        number = int(said) if said.isdecimal() and len(said) < 7 else None
        match name:
            case "activate":
                self.constant = True
            case "dont_activate":
                self.enabled = False
            case "depth" | "reverse_depth" if number is not None and name == "depth":
                self.position = AT_DEPTH
                self.more["depth"] = number
            case "role" if said in _ROLES:
                self.more["role"] = _ROLES[said]
            case "position" if said in _AFTER or said == "before_desc":
                self.position = AFTER_CHARACTER if said in _AFTER else 0
            case "scan_depth" if number is not None:
                self.more["scanDepth"] = number
            case "probability" if number is not None:
                self.more["probability"] = min(number, 100)
            case "match_full_word" | "match_partial_word":
                self.more["matchWholeWords"] = name == "match_full_word"
            case "case_sensitive":
                self.more["caseSensitive"] = True
            case "no_recursive_search":
                self.more["excludeRecursion"] = True
            case "unrecursive":
                self.more["preventRecursion"] = True
            case "activate_only_after" if number is not None:
                self.more["delay"] = number
            case "additional_keys" | "exclude_keys" | "exclude_keys_all" if (
                words and not self.secondary
            ):
                others = {"exclude_keys": NOT_ANY, "exclude_keys_all": NOT_ALL}
                self.secondary, self.logic = words, others.get(name, AND_ANY)
            case "end" | "":
                pass
            case _:
                self.fields.note(f"content.@@{name}"[:60], Problem.UNUSED)


def _decorated(content: str) -> tuple[str, list[tuple[str, str]]]:
    """The text without the decorators at its beginning, and those."""
    found, position = [], 0
    while match := _DECORATOR.match(content, position):
        found.append((match[1].lower(), match[2].strip()))
        position = match.end()
    return content[position:], found


def _pattern(text: str) -> str:
    """RisuAI's patterns stand between slashes already, or bare."""
    return text if text.startswith("/") else f"/{text.replace('/', chr(92) + '/')}/"
