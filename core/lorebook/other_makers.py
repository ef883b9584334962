"""Lorebooks of NovelAI, Agnai and Risu."""

from collections.abc import Callable
from typing import Any

from core.characters.remarks import Remark
from core.lorebook.entry_fields import EntryReader
from core.lorebook.lorebook import MAX_CONTENT, MAX_ENTRIES, Entry, Lorebook, Position

Reader = Callable[[EntryReader, int], Entry]


def from_novelai(document: dict[str, Any], remarks: list[Remark]) -> Lorebook:
    """Reads a `.lorebook` file; an entry's budget priority becomes its order."""
    return _book(document, "entries", remarks, _novelai_entry)


def from_agnai(document: dict[str, Any], remarks: list[Remark]) -> Lorebook:
    """Reads a memory book; an entry's weight becomes its order."""
    return _book(document, "entries", remarks, _agnai_entry)


def from_risu(document: dict[str, Any], remarks: list[Remark]) -> Lorebook:
    """Reads a lorebook export of Risu; its keys stand in one text with commas."""
    return _book(document, "data", remarks, _risu_entry)


def _book(document: dict[str, Any], where: str, remarks: list[Remark], read: Reader) -> Lorebook:
    fields = EntryReader(document, "", remarks)
    entries = fields.objects(where, MAX_ENTRIES)
    return Lorebook(
        name=fields.text("name"),
        description=fields.text("description"),
        entries=tuple(
            read(EntryReader(entry, f"{where}[{index}]", remarks), index)
            for index, entry in enumerate(entries)
        ),
        unknown=fields.rest,
    )


def _novelai_entry(fields: EntryReader, uid: int) -> Entry:
    placing = fields.object("contextConfig")
    inner = EntryReader(placing, f"{fields.path}.contextConfig", fields.remarks)
    entry = Entry(
        uid=uid,
        keys=fields.keys("keys"),
        comment=fields.text("displayName"),
        content=fields.text("text", limit=MAX_CONTENT),
        enabled=fields.flag("enabled", default=True),
        constant=fields.flag("forceActivation", default=False),
        selective=False,
        order=inner.integer("budgetPriority"),
    )
    return _with_rest(entry, fields, {"contextConfig": placing} if placing else {})


def _agnai_entry(fields: EntryReader, uid: int) -> Entry:
    entry = Entry(
        uid=uid,
        keys=fields.keys("keywords"),
        comment=fields.text("name"),
        content=fields.text("entry", limit=MAX_CONTENT),
        enabled=fields.flag("enabled", default=True),
        selective=False,
        order=fields.integer("weight"),
    )
    return _with_rest(entry, fields, {})


def _risu_entry(fields: EntryReader, uid: int) -> Entry:
    entry = Entry(
        uid=uid,
        keys=fields.keys("key"),
        secondary_keys=fields.keys("secondkey"),
        comment=fields.text("comment"),
        content=fields.text("content", limit=MAX_CONTENT),
        constant=fields.flag("alwaysActive", default=False),
        selective=fields.flag("selective", default=True),
        order=fields.integer("insertorder", default=100),
        position=Position.BEFORE_CHARACTER,
        probability=fields.integer("activationPercent", default=100, low=0, high=100),
    )
    return _with_rest(entry, fields, {})


def _with_rest(entry: Entry, fields: EntryReader, kept: dict[str, Any]) -> Entry:
    return entry.model_copy(update={"unknown": {**fields.rest, **kept}})
