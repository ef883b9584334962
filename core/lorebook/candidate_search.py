"""The entries a scan has to look at: those it finds by a key, and those no index finds."""

from collections.abc import Iterable
from functools import cache

from core.lorebook.candidate import EntryCandidate, OrderedBook
from core.lorebook.compiled import CompiledEntry
from core.lorebook.key_check import KeyCheck
from core.lorebook.keys import KeyIndex, read_key
from core.lorebook.scan_input import ScanInput
from core.lorebook.scan_result import Cause
from core.lorebook.scan_text import Hits, ScanText
from core.lorebook.timed import Timers


class CandidateSearch:
    """Grows as more text is searched; entries without any key in sight never enter it."""

    def __init__(
        self,
        scan_input: ScanInput,
        books: list[OrderedBook],
        text: ScanText,
        keys: KeyCheck,
        timers: Timers,
    ) -> None:
        self._substitute = cache(scan_input.substitute)
        self._books = books
        self._text = text
        self._keys = keys
        self._timers = timers
        self._members: dict[tuple[int, int], EntryCandidate] = {}
        self._sorted: list[EntryCandidate] | None = None
        self._resolved = KeyIndex()
        keys.hits = self._hits = [Hits(book.compiled.index) for book in books]
        self._gather_always()
        keys.resolved = self._resolved_hits = Hits(self._resolved)
        for book, hits in zip(books, self._hits, strict=True):
            self._wake(book, text.start(hits))
        text.start(self._resolved_hits)

    def deepen(self, depth: int) -> None:
        """Searches the newest `depth` messages, or more where entries ask for more."""
        for book, hits in zip(self._books, self._hits, strict=True):
            self._wake(book, self._text.deepen(hits, max(depth, book.compiled.scan_depth)))
        deepest = max((book.compiled.scan_depth for book in self._books), default=0)
        self._text.deepen(self._resolved_hits, max(depth, deepest))

    def add_recursion(self, text: str) -> None:
        """Searches the contents of entries that woke."""
        self._text.add_recursion(text)
        self._keys.forget_recursion()
        for book, hits in zip(self._books, self._hits, strict=True):
            self._wake(book, self._text.recurse(hits))
        self._text.recurse(self._resolved_hits)

    @property
    def has_recursion(self) -> bool:
        """Whether contents of entries are searched by now."""
        return bool(self._text.recursion)

    def in_order(self) -> list[EntryCandidate]:
        """All of them in scan order."""
        if self._sorted is None:
            self._sorted = sorted(self._members.values(), key=lambda one: one.scan_order)
        return self._sorted

    def _gather_always(self) -> None:
        for book in self._books:
            for compiled in book.compiled.always:
                self._add(book, compiled)
            for book_id, uid in self._timers.sticky:
                if book_id == book.id and uid in book.compiled.by_uid:
                    self._add(book, book.compiled.by_uid[uid])

    def _wake(self, book: OrderedBook, numbers: Iterable[int]) -> None:
        owners = book.compiled.owners
        for number in numbers:
            for compiled in owners.get(number, ()):
                self._add(book, compiled)

    def _add(self, book: OrderedBook, compiled: CompiledEntry) -> None:
        name = (book.number, compiled.place)
        if name in self._members:
            return
        keys, secondary = compiled.keys, compiled.secondary
        if keys is None or secondary is None:
            keys, secondary = (
                tuple(
                    read_key(key, compiled.mode, self._resolved, self._substitute(key))
                    for key in written
                )
                for written in (compiled.entry.keys, compiled.entry.secondary_keys)
            )
        is_sticky = (book.id, compiled.entry.uid) in self._timers.sticky
        cause = Cause.STICKY if is_sticky else Cause.KEY
        if compiled.activate:
            cause = Cause.DECORATOR
        elif compiled.entry.constant:
            cause = Cause.CONSTANT
        self._members[name] = EntryCandidate(
            book, compiled, keys, secondary, compiled.content, is_sticky, cause
        )
        self._sorted = None
