"""Whether the keys of an entry occur in what it sees."""

from collections.abc import Iterable

from core.lorebook.candidate import EntryCandidate
from core.lorebook.keys import Key, has_macro
from core.lorebook.lorebook import Logic
from core.lorebook.scan_result import StoppedKey
from core.lorebook.scan_text import Hits, ScanText, View
from core.patterns import Pattern, parse_literal
from core.patterns.characters import WHITE
from core.patterns.matcher import Matcher, MatchResult

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
        """Keys whose pattern took too long or was over the limits."""
        return tuple(self._stopped.values())

    @property
    def is_exhausted(self) -> bool:
        """Whether keys were left out because there were too many."""
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
        """The first primary key without a pattern that occurs."""
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
        found = (self.occurs(candidate, key, view) for key in candidate.secondary)
        match candidate.entry.logic:
            case Logic.AND_ANY:
                return any(found)
            case Logic.NOT_ALL:
                return not all(found)
            case Logic.NOT_ANY:
                return not any(found)
            case Logic.AND_ALL:
                return all(found)

    def score(self, candidate: EntryCandidate, view: View) -> int:
        """How many keys occur; secondary ones count where they speak for the entry."""
        primary = sum(self._counts(candidate, key, view) for key in candidate.keys)
        if not candidate.keys or not candidate.secondary:
            return primary
        secondary = sum(self._counts(candidate, key, view) for key in candidate.secondary)
        match candidate.entry.logic:
            case Logic.AND_ANY:
                return primary + secondary
            case Logic.AND_ALL if secondary == len(candidate.secondary):
                return primary + secondary
            case _:
                return primary

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
