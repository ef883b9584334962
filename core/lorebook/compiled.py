"""A book made ready for scanning: keys read, indexed and filed by the entry they wake."""

from dataclasses import dataclass, field, fields
from functools import partial

from core.lorebook.keys import Key, KeyIndex, KeyMode, has_macro, read_key
from core.lorebook.lorebook import Entry, Lorebook
from core.lorebook.scan_types import Cause, ExtraTexts, Identity, ScanSettings, Sources, Strategy

ACTIVATE = "@@activate"
FORBID = "@@dont_activate"

_FLAGS = tuple(f"match_{one.name}" for one in fields(ExtraTexts))


@dataclass(slots=True, eq=False)
class CompiledEntry:
    """An entry as a scan uses it. `keys` is None where macros have to be substituted first."""

    entry: Entry
    place: int
    mode: KeyMode
    content: str = ""
    activate: bool = False
    forbid: bool = False
    extras: int = 0
    """Bit n is set where the n-th of the card's texts is searched too."""
    keys: tuple[Key, ...] | None = None
    secondary: tuple[Key, ...] | None = None


@dataclass(slots=True)
class CompiledBook:
    """One book's entries by what finds them. `owners` leads from a key to its entries."""

    index: KeyIndex = field(default_factory=KeyIndex)
    owners: dict[int, list[CompiledEntry]] = field(default_factory=dict)
    always: list[CompiledEntry] = field(default_factory=list)
    """Entries that no index finds: constant, forced, or with patterns, macros or blanks as keys."""
    by_uid: dict[int, CompiledEntry] = field(default_factory=dict)
    levels: frozenset[int] = frozenset()
    scan_depth: int = 0


def compile_book(book: Lorebook, exact_case: bool, whole_words: bool) -> CompiledBook:
    """The book ready for scanning under these defaults; made once for each book."""
    return book.remember((exact_case, whole_words), partial(_compile, exact_case, whole_words))


def _compile(exact_case: bool, whole_words: bool, entries: tuple[Entry, ...]) -> CompiledBook:
    book = CompiledBook(
        levels=frozenset(int(e.delay_until_recursion) for e in entries) - {0},
        scan_depth=max((e.scan_depth or 0 for e in entries), default=0),
    )
    for place, entry in enumerate(entries):
        mode = KeyMode(
            exact_case if entry.case_sensitive is None else entry.case_sensitive,
            whole_words if entry.match_whole_words is None else entry.match_whole_words,
        )
        compiled = _entry(entry, place, mode, book.index)
        book.by_uid.setdefault(entry.uid, compiled)
        keys = compiled.keys or ()
        is_simple = compiled.keys is not None and not any(k.pattern or k.is_blank for k in keys)
        if entry.constant or compiled.activate or not is_simple:
            book.always.append(compiled)
            continue
        for number in {key.id for key in keys if key.id >= 0}:
            book.owners.setdefault(number, []).append(compiled)
    return book


def _entry(entry: Entry, place: int, mode: KeyMode, index: KeyIndex) -> CompiledEntry:
    content, decorators = read_decorators(entry.content)
    compiled = CompiledEntry(
        entry,
        place,
        mode,
        content,
        ACTIVATE in decorators,
        FORBID in decorators,
        sum(getattr(entry, name) << bit for bit, name in enumerate(_FLAGS)),
    )
    if not any(has_macro(key) for key in (*entry.keys, *entry.secondary_keys)):
        compiled.keys = tuple(read_key(key, mode, index) for key in entry.keys)
        compiled.secondary = tuple(read_key(key, mode, index) for key in entry.secondary_keys)
    return compiled


def read_decorators(content: str) -> tuple[str, set[str]]:
    """The content without its leading `@@` lines, and those of them that say something.

    `@@@known` counts only after an unknown `@@` line. Content of nothing but such lines stays
    whole, as in SillyTavern.
    """
    said: set[str] = set()
    if not content.startswith("@@"):
        return content, said
    may_fall_back = False
    lines = content.split("\n")
    for number, line in enumerate(lines):
        if not line.startswith("@@"):
            content = "\n".join(lines[number:])
            break
        if line.startswith("@@@"):
            if not may_fall_back:
                continue
            line = line[1:]
        may_fall_back = not line.startswith((ACTIVATE, FORBID))
        if not may_fall_back:
            said.add(line)
    return content, said


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

    @property
    def entry(self) -> Entry:
        return self.compiled.entry

    @property
    def identity(self) -> Identity:
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
