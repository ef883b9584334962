"""The lorebooks of a case file, by where they are bound, and the timers that run."""

from collections.abc import Iterable, Mapping
from typing import Any

from core.characters.character import Character
from core.lorebook import (
    ActiveBook,
    Lorebook,
    ScanSettings,
    Sources,
    Strategy,
    TimedEffect,
    TimedState,
)
from core.lorebook.character_book import from_character_book
from core.lorebook.timed import entry_hash
from core.lorebook.world_info import from_world_info
from core.prompt.context import Lore

Document = Mapping[str, Any]


def case_lore(case: Document, character: Character) -> Lore:
    """The books in reach and how they are scanned."""
    sources = _sources(case, character)
    settings = case["settings"]["world_info"]
    known = {key: settings[key] for key in settings if key != "character_strategy"}
    return Lore(
        sources,
        ScanSettings(strategy=Strategy(settings["character_strategy"]), **known),
        _timed(case.get("timed") or {}, sources),
    )


def _sources(case: Document, character: Character) -> Sources:
    document = case.get("world_info") or {}
    books = document.get("books") or {}

    def bound(names: Iterable[str | None]) -> tuple[ActiveBook, ...]:
        return tuple(_active(name, books[name]) for name in names if name and name in books)

    own: tuple[ActiveBook, ...] = ()
    if case.get("import_embedded_book") and character.character_book:
        book = _single(from_character_book(character.character_book, []))
        own = (ActiveBook(book.name or f"{character.name}'s Lorebook", book),)
    return Sources(
        chat=bound([document.get("chat")]),
        persona=bound([case["settings"]["persona"].get("lorebook")]),
        character=(*own, *bound(document.get("character_extra") or ())),
        shared=bound(document.get("global") or ()),
    )


def _single(book: Lorebook) -> Lorebook:
    """The book as SillyTavern links it: of several entries with one number it keeps the last."""
    entries = {entry.uid: entry for entry in book.entries}
    return book.model_copy(update={"entries": tuple(entries.values())})


def _active(name: str, document: dict[str, Any]) -> ActiveBook:
    return ActiveBook(name, from_world_info(document, []).model_copy(update={"name": name}))


def _timed(document: Document, sources: Sources) -> TimedState:
    """Timers name their entry by number alone; the first book that has it is meant."""
    books: dict[str, Lorebook] = {
        active.id: active.book
        for group in (sources.chat, sources.persona, sources.character, sources.shared)
        for active in group
    }
    running: dict[str, dict[tuple[str, int], TimedEffect]] = {"sticky": {}, "cooldown": {}}
    for kind, effects in running.items():
        for effect in document.get(kind) or ():
            for id_, book in books.items():
                entry = next((one for one in book.entries if one.uid == effect["uid"]), None)
                if entry is not None:
                    effects[id_, entry.uid] = TimedEffect(
                        effect["start"],
                        effect["end"],
                        entry_hash(entry),
                        bool(effect.get("protected")),
                    )
                    break
    return TimedState(running["sticky"], running["cooldown"])
