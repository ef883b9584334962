"""An entry in the course of one scan."""

from dataclasses import dataclass

from core.lorebook.compiled import CompiledEntry
from core.lorebook.keys import Key
from core.lorebook.lorebook import Entry
from core.lorebook.order import OrderedBook
from core.lorebook.scan_result import Cause


@dataclass(slots=True, eq=False)
class Candidate:
    """An entry that may wake, with what this scan has found out about it.

    `content` changes once, when its macros are substituted.
    """

    book: OrderedBook
    compiled: CompiledEntry
    keys: tuple[Key, ...]
    secondary: tuple[Key, ...]
    content: str
    is_sticky: bool = False
    cause: Cause = Cause.KEY
    fired: str = ""

    @property
    def entry(self) -> Entry:
        """The entry as its author wrote it."""
        return self.compiled.entry

    @property
    def identity(self) -> tuple[str, int]:
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
