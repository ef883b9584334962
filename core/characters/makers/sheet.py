"""What the files of other makers are turned into: a card of version 2, or world info."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from core.characters.fields import FieldReader, Problem, Remark
from core.characters.normalise import MAX_ENTRIES

Read = Callable[["MakerReader"], "MakerEntry"]

_KEY = re.compile(r"/(?:[^/\\\n]|\\.)+/[a-z]*|[^,]+")
"""A pattern between slashes, which may hold commas, or everything up to the next one."""
NOTE_DEPTH = 4
AND_ANY, NOT_ALL, NOT_ANY, AND_ALL = range(4)
AFTER_CHARACTER, AT_DEPTH = 1, 4


class MakerReader(FieldReader):
    """Reads the fields of a maker's file; what is left has no place in a card."""

    def keys(self, *names: str) -> list[str]:
        """Keys: a list, or one text with commas."""
        value = self.find(*names)[1]
        if isinstance(value, str):
            return [key for key in (part.strip() for part in _KEY.findall(value)) if key]
        return [key for key in self.texts(*names) if key]

    def spare(self, usual: Mapping[str, object]) -> dict[str, Any]:
        """The fields nobody asked for that say something. `usual` holds what says nothing:
        values that stand in every file, and by the value `...` marks of the maker's own."""
        return {
            name: value
            for name, value in self.rest.items()
            if value not in (None, "", [], {}, False) and usual.get(name, None) not in (..., value)
        }

    def note_settings(self, *names: str) -> None:
        """One remark for all settings of the model that the file has."""
        found = [name for name in names if self.find(name)[1] not in (None, "", [], {}, False)]
        if found:
            self.remarks.append(Remark("", Problem.MODEL_SETTINGS, ", ".join(found)))

    def note_spare(self, usual: Mapping[str, object]) -> dict[str, Any]:
        """As `spare`, each with a remark that it is kept and not used."""
        spare = self.spare(usual)
        for name in spare:
            self.note(name, Problem.UNUSED)
        return spare


@dataclass(frozen=True, slots=True)
class MakerEntry:
    """An entry of a lorebook as every maker knows it."""

    keys: Sequence[str]
    content: str
    title: str = ""
    secondary: Sequence[str] = ()
    logic: int = AND_ANY
    enabled: bool = True
    constant: bool = False
    order: int = 100
    position: int = 0
    more: dict[str, Any] = field(default_factory=dict)
    """Further fields of world info, by SillyTavern's names."""
    rest: dict[str, Any] = field(default_factory=dict)
    """Fields of the maker's own, kept as they came."""

    def world_info(self, uid: int) -> dict[str, Any]:
        return {
            **self.rest,
            "uid": uid,
            "key": list(self.keys),
            "keysecondary": list(self.secondary),
            "selective": bool(self.secondary),
            "selectiveLogic": self.logic,
            "comment": self.title,
            "content": self.content,
            "disable": not self.enabled,
            "constant": self.constant,
            "order": self.order,
            "position": self.position,
            **self.more,
        }

    def in_card(self, uid: int) -> dict[str, Any]:
        """The same as an entry of a card's own book."""
        return {
            **self.rest,
            "id": uid,
            "keys": list(self.keys),
            "secondary_keys": list(self.secondary),
            "selective": bool(self.secondary),
            "comment": self.title,
            "content": self.content,
            "enabled": self.enabled,
            "constant": self.constant,
            "insertion_order": self.order,
            "position": "after_char" if self.position == AFTER_CHARACTER else "before_char",
            "extensions": {"position": self.position, "selectiveLogic": self.logic, **self.more},
        }


def read_lore(
    entries: object, path: str, remarks: list[Remark], read: Read, usual: Mapping[str, object]
) -> list[MakerEntry]:
    """The entries, each read by `read`; a field that many do not find a place for is noted once."""
    fields = MakerReader({path: entries}, "", remarks)
    found, unused = [], set[str]()
    for index, entry in enumerate(fields.objects(path, MAX_ENTRIES)):
        reader = MakerReader(entry, f"{path}[{index}]", remarks)
        found.append(replace(read(reader), rest=reader.rest))
        unused.update(reader.spare(usual))
    remarks += [Remark(f"{path}[].{name}", Problem.UNUSED) for name in sorted(unused)]
    return found


def world_info(name: str, description: str, entries: Sequence[MakerEntry]) -> dict[str, Any]:
    """A lorebook as SillyTavern exchanges it."""
    written = {str(uid): entry.world_info(uid) for uid, entry in enumerate(entries)}
    named = {"name": name, "description": description}
    return {"entries": written, **{key: text for key, text in named.items() if text}}


def card(fields: Mapping[str, Any], maker: str, more: Mapping[str, Any]) -> dict[str, Any]:
    """A card of these `data` fields; what it has no field for is kept under the maker's name.

    `adult` becomes a tag, as SillyTavern does it; a nickname makes it a card of version 3.
    """
    data = {name: value for name, value in fields.items() if value}
    if data.pop("adult", False):
        data["tags"] = [*data.get("tags", ()), "NSFW"]
    note = data.pop("note", None)
    extensions = dict(data.pop("extensions", {}))
    if note:
        extensions.setdefault("depth_prompt", {"depth": NOTE_DEPTH, "role": "system", **note})
    if more:
        extensions[maker] = {**more, **extensions.get(maker, {})}
    book = data.pop("lore", None)
    if book:
        written = [entry.in_card(uid) for uid, entry in enumerate(book)]
        data["character_book"] = {"entries": written, "extensions": {}}
    version = 3 if "nickname" in data else 2
    return {
        "spec": f"chara_card_v{version}",
        "spec_version": f"{version}.0",
        "data": {"name": "", "description": "", "first_mes": "", **data, "extensions": extensions},
    }


def paragraphs(*texts: str) -> str:
    """Those of the texts that say something, one below the other."""
    return "\n\n".join(text.strip() for text in texts if text.strip())
