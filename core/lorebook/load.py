"""Reads a lorebook file of any known maker."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from core.characters.card_file import find_card
from core.characters.charx import is_archive
from core.characters.fields import Problem, Remark, remarks_about
from core.characters.names import MAX_SHOWN, MAX_STORED, title
from core.characters.normalise import MAX_CONTENT, MAX_ENTRIES
from core.characters.png import SIGNATURE
from core.errors import InvalidCard, InvalidLorebook
from core.lorebook.formats import EntryReader, from_character_book, from_world_info, read_book
from core.lorebook.lorebook import Entry, Lorebook
from core.reasons import Reason
from core.untrusted import json as untrusted_json
from core.untrusted.pictures import picture_type
from core.untrusted.text import decode

MAX_REMARKS = 200
"""Findings kept about one file."""


@dataclass(frozen=True, slots=True)
class LoadedBook:
    """A book, what had to be changed in it, and whose format it was in."""

    book: Lorebook
    remarks: tuple[Remark, ...]
    format: str


def read_lorebook(data: bytes, file: str = "") -> LoadedBook:
    """The book in a file's bytes, also that of a card in a picture or archive.

    A nameless one gets the file's name. Raises InvalidLorebook.
    """
    try:
        if data.startswith(SIGNATURE) or picture_type(data) == "image/webp" or is_archive(data):
            found = find_card(data)
            document, remarks = found.document, found.remarks
        else:
            written = decode(data)
            document, remarks = untrusted_json.parse(written.text), remarks_about(written)
    except untrusted_json.NotPlain as error:
        raise InvalidLorebook.of(error, file=file) from error
    except InvalidCard as error:
        raise error.turned_into(InvalidLorebook, file=file) from error
    loaded = load_lorebook(document, file)
    return replace(loaded, remarks=(*remarks, *loaded.remarks))


def load_lorebook(document: Any, file: str = "") -> LoadedBook:
    """The book in a JSON document that was read by `untrusted.json`. Raises InvalidLorebook."""
    format_, reader, inner = _recognised(document, file)
    remarks: list[Remark] = []
    book = reader(inner, remarks)
    name = title(book.name, file.rsplit(".", 1)[0])
    if len(book.name.strip()) > MAX_STORED:
        remarks.append(Remark("name", Problem.CUT, limit=MAX_SHOWN))
    entries = tuple(_distinct(book.entries, remarks))
    book = book.model_copy(update={"name": name, "entries": entries})
    return LoadedBook(book, tuple(remarks[:MAX_REMARKS]), format_)


_Reader = Callable[[dict[str, Any], list[Remark]], Lorebook]


def _recognised(document: Any, file: str) -> tuple[str, _Reader, dict[str, Any]]:
    if not isinstance(document, dict):
        raise InvalidLorebook(Reason.NO_OBJECT, file=file)
    data = document.get("data")
    if document.get("spec") == "lorebook_v3" and isinstance(data, dict):
        return "lorebook V3", from_character_book, data
    if document.get("type") == "risu" and isinstance(data, list):
        return "Risu", partial(_book, _risu_entry, "data"), document
    card = data if isinstance(data, dict) else document
    if isinstance(card.get("character_book"), dict):
        return "character book", from_character_book, card["character_book"]
    entries = document.get("entries")
    if not isinstance(entries, dict | list):
        raise InvalidLorebook(Reason.NO_ENTRIES, file=file)
    if "lorebookVersion" in document:
        return "NovelAI", partial(_book, _novelai_entry, "entries"), document
    if document.get("kind") == "memory":
        return "Agnai", partial(_book, _agnai_entry, "entries"), document
    if isinstance(entries, list) and any(
        isinstance(entry, dict) and "keys" in entry for entry in entries
    ):
        return "character book", from_character_book, document
    return "world info", from_world_info, document


def _distinct(entries: tuple[Entry, ...], remarks: list[Remark]) -> list[Entry]:
    """Gives entries whose number is taken another one: by it they are told apart."""
    taken: set[int] = set()
    free = max((entry.uid for entry in entries), default=0) + 1
    result: list[Entry] = []
    for index, entry in enumerate(entries):
        if entry.uid in taken:
            remarks.append(
                Remark(f"entries[{index}].uid", Problem.CONTRADICTS, str(entry.uid), str(free))
            )
            entry = entry.model_copy(update={"uid": free})
            free += 1
        taken.add(entry.uid)
        result.append(entry)
    return result


def _book(
    read: Callable[[EntryReader, int], Entry],
    where: str,
    document: dict[str, Any],
    remarks: list[Remark],
) -> Lorebook:
    fields = EntryReader(document, "", remarks)
    entries = enumerate(fields.objects(where, MAX_ENTRIES))
    readers = [(EntryReader(one, f"{where}[{index}]", remarks), index) for index, one in entries]
    return read_book(fields, [read(*one) for one in readers])


def _novelai_entry(fields: EntryReader, uid: int) -> Entry:
    placing = fields.object("contextConfig")
    inner = EntryReader(placing, f"{fields.path}.contextConfig", fields.remarks)
    return Entry(
        uid=uid,
        keys=fields.keys("keys"),
        comment=fields.text("displayName"),
        content=fields.text("text", limit=MAX_CONTENT),
        enabled=fields.flag("enabled", default=True),
        constant=fields.flag("forceActivation", default=False),
        selective=False,
        order=inner.integer("budgetPriority"),
        unknown=fields.rest | ({"contextConfig": placing} if placing else {}),
    )


def _agnai_entry(fields: EntryReader, uid: int) -> Entry:
    return Entry(
        uid=uid,
        keys=fields.keys("keywords"),
        comment=fields.text("name"),
        content=fields.text("entry", limit=MAX_CONTENT),
        enabled=fields.flag("enabled", default=True),
        selective=False,
        order=fields.integer("weight"),
        unknown=fields.rest,
    )


def _risu_entry(fields: EntryReader, uid: int) -> Entry:
    return Entry(
        uid=uid,
        keys=fields.keys("key"),
        secondary_keys=fields.keys("secondkey"),
        comment=fields.text("comment"),
        content=fields.text("content", limit=MAX_CONTENT),
        constant=fields.flag("alwaysActive", default=False),
        selective=fields.flag("selective", default=True),
        order=fields.integer("insertorder", default=100),
        probability=fields.integer("activationPercent", default=100, low=0, high=100),
        unknown=fields.rest,
    )
