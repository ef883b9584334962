"""Reads a lorebook file of any known maker."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from core.characters.card_file import find_card, unwrapped
from core.characters.character import Character
from core.characters.charx import is_archive
from core.characters.document import read_document
from core.characters.fields import Problem, Remark
from core.characters.kinds import FileKind, kind_of_document
from core.characters.makers import translated
from core.characters.names import MAX_SHOWN, MAX_STORED, title
from core.characters.png import SIGNATURE, DamagedPng, read_texts
from core.errors import InvalidCard, InvalidLorebook
from core.lorebook.formats import from_character_book, from_world_info
from core.lorebook.lorebook import Entry, Lorebook
from core.patterns import parse_literal
from core.reasons import Reason
from core.untrusted import json as untrusted_json
from core.untrusted.pictures import picture_type

MAX_REMARKS = 200
"""Findings kept about one file."""
MAX_PATTERNS = 2_000
"""Keys that are tried as patterns when a file is brought."""
_NOVELAI = "naidata"
_LITERAL = re.compile(r"/.+/[a-z]*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class LoadedBook:
    """A book, what had to be changed in it, and whose format it was in."""

    book: Lorebook
    remarks: tuple[Remark, ...]
    format: str


def book_in_picture(data: bytes) -> bytes | None:
    """The JSON of a lorebook that NovelAI put into a PNG. Raises InvalidCard for a damaged one."""
    if not data.startswith(SIGNATURE):
        return None
    try:
        text = read_texts(data, (_NOVELAI,)).get(_NOVELAI)
    except DamagedPng as error:
        raise InvalidCard.of(error) from error
    return unwrapped(text) if isinstance(text, bytes) else None


def read_lorebook(data: bytes, file: str = "") -> LoadedBook:
    """The book in a file's bytes, also that of a card in a picture or archive.

    A nameless one gets the file's name. Raises InvalidLorebook.
    """
    try:
        data = book_in_picture(data) or data
        if data.startswith(SIGNATURE) or picture_type(data) == "image/webp" or is_archive(data):
            found = find_card(data)
            document, remarks = found.document, found.remarks
        else:
            document, remarks = read_document(data)
    except untrusted_json.NotPlain as error:
        raise InvalidLorebook.of(error, file=file) from error
    except InvalidCard as error:
        raise error.turned_into(InvalidLorebook, file=file) from error
    loaded = load_lorebook(document, file)
    told = (*remarks, *loaded.remarks, *_doubts(loaded.book))
    return replace(loaded, remarks=told[:MAX_REMARKS])


def doubts_about(card: Character) -> list[Remark]:
    """The same of the book that came with a card, which may well be empty."""
    if not (card.character_book or {}).get("entries"):
        return []
    return bad_patterns(load_lorebook(card.character_book, "card").book)


def _doubts(book: Lorebook) -> list[Remark]:
    """What is well-formed in a book, and yet not what its author meant."""
    return bad_patterns(book) if book.entries else [Remark("entries", Problem.NO_ENTRIES)]


def bad_patterns(book: Lorebook) -> list[Remark]:
    """Keys between slashes that are no patterns, or ones beyond our limits."""
    written = (
        (index, key)
        for index, entry in enumerate(book.entries)
        for key in (*entry.keys, *entry.secondary_keys)
        if _LITERAL.fullmatch(key.strip())
    )
    return [
        Remark(f"entries[{index}].key", Problem.BAD_PATTERN, key[:80])
        for index, key in islice(written, MAX_PATTERNS)
        if (pattern := parse_literal(key.strip())) is None or pattern.refused
    ]


def load_lorebook(document: Any, file: str = "") -> LoadedBook:
    """The book in a JSON document that was read by `untrusted.json`. Raises InvalidLorebook."""
    remarks: list[Remark] = []
    document = translated(document, remarks)
    maker = remarks[0].found if remarks else ""
    format_, reader, inner = _recognised(document, file)
    book = reader(inner, remarks)
    name = title(book.name, file.rsplit(".", 1)[0])
    if len(book.name.strip()) > MAX_STORED:
        remarks.append(Remark("name", Problem.CUT, limit=MAX_SHOWN))
    entries = tuple(_distinct(book.entries, remarks))
    book = book.model_copy(update={"name": name, "entries": entries})
    return LoadedBook(book, tuple(remarks[:MAX_REMARKS]), maker or format_)


_Reader = Callable[[dict[str, Any], list[Remark]], Lorebook]


def _recognised(document: Any, file: str) -> tuple[str, _Reader, dict[str, Any]]:
    if not isinstance(document, dict):
        raise InvalidLorebook(Reason.NO_OBJECT, file=file)
    data = document.get("data")
    if document.get("spec") == "lorebook_v3" and isinstance(data, dict):
        return "lorebook V3", from_character_book, data
    card = data if isinstance(data, dict) else document
    if isinstance(card.get("character_book"), dict):
        return "character book", from_character_book, card["character_book"]
    entries = document.get("entries")
    if not isinstance(entries, dict | list):
        kind = kind_of_document(document)
        if kind in (None, FileKind.CARD):
            raise InvalidLorebook(Reason.NO_ENTRIES, file=file)
        raise InvalidLorebook(Reason.WRONG_KIND, found=kind, file=file)
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
