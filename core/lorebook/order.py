"""Which books a scan looks at, and in which order their entries come."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.lorebook.compiled import CompiledBook, compile_book
from core.lorebook.scan_input import ActiveBook, ScanSettings, Sources, Strategy


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
    return [
        OrderedBook(
            active.id,
            compile_book(active.book, settings.case_sensitive, settings.match_whole_words),
            rank,
            number,
        )
        for number, (rank, active) in enumerate(_once(taken))
    ]


def _once(
    sources: list[tuple[int, tuple[ActiveBook, ...]]],
) -> Iterator[tuple[int, ActiveBook]]:
    seen: set[str] = set()
    for rank, books in sources:
        for active in books:
            if active.id not in seen:
                seen.add(active.id)
                yield rank, active
