"""The text a scan looks at, which keys occur in it, and the entries it has to look at therefore."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from functools import cache
from operator import attrgetter

from core.lorebook.compiled import CompiledEntry, EntryCandidate, OrderedBook
from core.lorebook.keys import Key, KeyIndex, has_macro, read_key
from core.lorebook.lorebook import Logic
from core.lorebook.scan_types import Cause, ExtraTexts, ScanInput, StoppedKey
from core.lorebook.timed import Timers
from core.patterns import Pattern, parse_literal
from core.patterns.characters import WHITE
from core.patterns.matcher import Matcher, MatchResult

MAX_DEPTH = 1000
MARK = "\x01"
JOINER = "\n" + MARK
# `astuple` copies, which takes as long as a tenth of a scan.
_extra_texts = attrgetter(*(one.name for one in fields(ExtraTexts)))


@dataclass(frozen=True, slots=True)
class View:
    """The part of the text that one entry sees in one pass.

    `depth` counts messages; bit n of `extras` adds the n-th of the card's texts. At depth 0
    and below there is nothing to see at all.
    """

    depth: int
    extras: int
    recursion: bool


@dataclass(slots=True)
class Hits:
    """Keys of one index found so far."""

    index: KeyIndex
    newest: dict[int, int] = field(default_factory=dict)
    """Key number → the newest message it stands in, counted from 0 backwards."""
    extras: list[frozenset[int]] = field(default_factory=list)
    everywhere: set[int] = field(default_factory=set)
    recursed: set[int] = field(default_factory=set)
    messages: int = 0

    def sees(self, number: int, view: View) -> bool:
        if view.depth <= 0:
            return False
        if self.newest.get(number, MAX_DEPTH) < view.depth or number in self.everywhere:
            return True
        if view.recursion and number in self.recursed:
            return True
        return view.extras > 0 and any(
            view.extras >> bit & 1 and number in found for bit, found in enumerate(self.extras)
        )


class ScanText:
    """Messages newest first, then the card's texts, the injections and what recursion adds."""

    def __init__(self, scan_input: ScanInput) -> None:
        names = scan_input.settings.include_names
        newest_first = reversed(scan_input.lines[-MAX_DEPTH:])
        self.messages = [
            (f"{line.name}: {line.text}" if names else line.text).strip(WHITE)
            for line in newest_first
        ]
        # In the order of `CompiledEntry.extras`, which is also that of the buffer.
        self.extras: tuple[str, ...] = _extra_texts(scan_input.card)
        self.injections = [text for text in scan_input.injections if text]
        self.recursion: list[str] = []
        self._buffers: dict[View, str] = {}

    def start(self, hits: Hits) -> frozenset[int]:
        """Searches everything but the messages; returns what was found."""
        hits.extras = [hits.index.find(text) if text else frozenset() for text in self.extras]
        for text in self.injections:
            hits.everywhere |= hits.index.find(text)
        return frozenset().union(hits.everywhere, *hits.extras)

    def deepen(self, hits: Hits, depth: int) -> set[int]:
        """Searches messages down to `depth`; returns the keys that were not found before."""
        new: set[int] = set()
        last = min(depth, len(self.messages))
        for number in range(hits.messages, last):
            for key in hits.index.find(self.messages[number]):
                if hits.newest.setdefault(key, number) == number:
                    new.add(key)
        hits.messages = max(hits.messages, last)
        return new

    def add_recursion(self, text: str) -> None:
        self.recursion.append(text)
        self._buffers.clear()

    def recurse(self, hits: Hits) -> frozenset[int]:
        found = hits.index.find(self.recursion[-1])
        hits.recursed |= found
        return found

    def buffer(self, view: View) -> str:
        if view.depth <= 0:
            return ""
        if view in self._buffers:
            return self._buffers[view]
        parts = [JOINER.join(self.messages[: view.depth])]
        parts += [text for bit, text in enumerate(self.extras) if view.extras >> bit & 1 and text]
        parts += self.injections
        if view.recursion:
            parts += self.recursion
        self._buffers[view] = MARK + JOINER.join(parts)
        return self._buffers[view]


MAX_CHECKS = 2_000_000
"""Keys looked up in one scan; further ones count as absent."""
MAX_PATTERN_TESTS = 4096
"""Patterns tested in one scan; further ones count as stopped."""


class KeyCheck:
    """Looks keys up in the finds of the index, and patterns in the matcher's verdicts."""

    def __init__(self, text: ScanText, matcher: Matcher) -> None:
        self._text = text
        self._matcher = matcher
        self._verdicts: dict[tuple[Pattern, View], MatchResult] = {}
        self._tested = 0
        self._stopped: dict[tuple[str, int, str], StoppedKey] = {}
        self.hits: list[Hits] = []
        """By the number of the book."""
        self.resolved: Hits | None = None
        """Of keys that had macros."""
        self.checks = 0

    @property
    def stopped(self) -> tuple[StoppedKey, ...]:
        return tuple(self._stopped.values())

    @property
    def is_exhausted(self) -> bool:
        return self.checks > MAX_CHECKS

    def prepare(self, seen: Iterable[tuple[EntryCandidate, View]], every_key: bool = False) -> None:
        """Tests the patterns that the coming questions need, one round for each view.

        Without `every_key` only primary keys of entries that no plain key wakes.
        """
        wanted: dict[View, dict[Pattern, None]] = {}
        for candidate, view in seen:
            keys = candidate.keys
            if every_key:
                keys += candidate.secondary
            elif self.plain(candidate, view) is not None:
                continue
            for key in keys:
                if key.pattern is not None and (key.pattern, view) not in self._verdicts:
                    wanted.setdefault(view, {})[key.pattern] = None
        for view, patterns in wanted.items():
            self._test(list(patterns), view)

    def _test(self, patterns: list[Pattern], view: View) -> None:
        room = max(MAX_PATTERN_TESTS - self._tested, 0)
        verdicts = self._matcher.test(patterns[:room], self._text.buffer(view)) if room else []
        self._tested += len(verdicts)
        for pattern, verdict in zip(patterns, verdicts, strict=False):
            self._verdicts[pattern, view] = verdict

    def forget_recursion(self) -> None:
        """Drops what was found out about views that have grown by what woke."""
        self._verdicts = {at: said for at, said in self._verdicts.items() if not at[1].recursion}

    def primary(self, candidate: EntryCandidate, view: View) -> Key | None:
        """The first primary key that occurs; plain ones are preferred to patterns."""
        plain = self.plain(candidate, view)
        if plain is not None:
            return plain
        for key in candidate.keys:
            if key.pattern is not None and self.occurs(candidate, key, view):
                return key
        return None

    def plain(self, candidate: EntryCandidate, view: View) -> Key | None:
        for key in candidate.keys:
            if key.pattern is None and self._sees(candidate, key, view):
                return key
        return None

    def occurs(self, candidate: EntryCandidate, key: Key, view: View) -> bool:
        if key.pattern is None:
            return self._sees(candidate, key, view)
        verdict = self._verdicts.get((key.pattern, view), MatchResult.STOPPED)
        if verdict is MatchResult.STOPPED:
            name = (*candidate.identity, key.written)
            self._stopped.setdefault(name, StoppedKey(*name))
        return verdict is MatchResult.MATCH

    def _sees(self, candidate: EntryCandidate, key: Key, view: View) -> bool:
        self.checks += 1
        if key.is_blank:
            return True
        if key.id < 0 or self.checks > MAX_CHECKS:
            return False
        hits = self.resolved if key.is_resolved else self.hits[candidate.book.number]
        return hits is not None and hits.sees(key.id, view)

    def secondary(self, candidate: EntryCandidate, view: View) -> bool:
        """Whether the secondary keys agree, by the entry's logic."""
        logic = candidate.entry.logic
        found = (self.occurs(candidate, key, view) for key in candidate.secondary)
        agree = any(found) if logic in (Logic.AND_ANY, Logic.NOT_ANY) else all(found)
        return agree is (logic in (Logic.AND_ANY, Logic.AND_ALL))

    def score(self, candidate: EntryCandidate, view: View) -> int:
        """How many keys occur; secondary ones count where they speak for the entry."""
        primary = sum(self._counts(candidate, key, view) for key in candidate.keys)
        if not candidate.keys or not candidate.secondary:
            return primary
        secondary = sum(self._counts(candidate, key, view) for key in candidate.secondary)
        logic = candidate.entry.logic
        counts = logic is Logic.AND_ANY or (
            logic is Logic.AND_ALL and secondary == len(candidate.secondary)
        )
        return primary + secondary if counts else primary

    def _counts(self, candidate: EntryCandidate, key: Key, view: View) -> bool:
        """Whether the key scores: as it is written, with its blanks, macros and all."""
        written = key.written
        if not written:
            return True
        if written == written.strip(WHITE) and not has_macro(written):
            return self.occurs(candidate, key, view)
        pattern = parse_literal(written)
        if pattern is not None:
            if (pattern, view) not in self._verdicts:
                self._test([pattern], view)
            return self._verdicts.get((pattern, view)) is MatchResult.MATCH
        self.checks += 1
        return candidate.compiled.mode.stands(written, self._text.buffer(view))


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
        self._text.add_recursion(text)
        self._keys.forget_recursion()
        for book, hits in zip(self._books, self._hits, strict=True):
            self._wake(book, self._text.recurse(hits))
        self._text.recurse(self._resolved_hits)

    @property
    def has_recursion(self) -> bool:
        return bool(self._text.recursion)

    def in_order(self) -> list[EntryCandidate]:
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
