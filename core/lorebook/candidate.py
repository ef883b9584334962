"""The books of a scan in their order, and an entry in the course of it."""

from dataclasses import dataclass

from core.lorebook.compiled import CompiledBook, CompiledEntry, compile_book
from core.lorebook.keys import Key
from core.lorebook.lorebook import Entry
from core.lorebook.scan_input import Identity, ScanSettings, Sources, Strategy
from core.lorebook.scan_result import Cause


@dataclass(frozen=True, slots=True)
class OrderedBook:
    """A book in its place: by `rank` first, then by the entries' order, then by `number`."""

    id: str
    compiled: CompiledBook
    rank: int
    number: int


_RANKS = {
    Strategy.EVENLY: (2, 2),
    Strategy.CHARACTER_FIRST: (3, 2),
    Strategy.GLOBAL_FIRST: (2, 3),
}
"""Ranks of shared and of character books; the chat's come at 0, the persona's at 1."""


def ordered_books(sources: Sources, settings: ScanSettings) -> list[OrderedBook]:
    """Every book once: a shared one is not taken again from the chat, and so on."""
    shared, character = _RANKS[settings.strategy]
    # Who gets a book that several sources name: shared, then chat, persona, character.
    taken = [
        (shared, sources.shared),
        (0, sources.chat),
        (1, sources.persona),
        (character, sources.character),
    ]
    books: dict[str, OrderedBook] = {}
    for rank, actives in taken:
        for active in actives:
            if active.id not in books:
                compiled = compile_book(
                    active.book, settings.case_sensitive, settings.match_whole_words
                )
                books[active.id] = OrderedBook(active.id, compiled, rank, len(books))
    return list(books.values())


@dataclass(slots=True, eq=False)
class EntryCandidate:
    """An entry that may wake, with what this scan has found out about it.

    `content` changes once, when its macros are substituted.
    """

    book: OrderedBook
    compiled: CompiledEntry
    keys: tuple[Key, ...]
    secondary: tuple[Key, ...]
    content: str
    is_sticky: bool
    cause: Cause
    """Why it wakes, whatever the text says; by a key only if one is found."""
    fired: str = ""
    step: int = 0
    """The pass it woke in."""

    @property
    def entry(self) -> Entry:
        return self.compiled.entry

    @property
    def identity(self) -> Identity:
        """Book id and entry uid."""
        return self.book.id, self.compiled.entry.uid

    @property
    def scan_order(self) -> tuple[int, float, int, int]:
        """Sorts candidates as SillyTavern's list of all entries does."""
        return (
            self.book.rank,
            -self.compiled.entry.order,
            self.book.number,
            self.compiled.place,
        )
