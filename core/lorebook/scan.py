"""Which entries wake, pass by pass: what wakes may hold the keys of what wakes next."""

from collections.abc import Callable, Iterator
from enum import Enum
from math import floor, inf

from core.lorebook.compiled import EntryCandidate, ordered_books
from core.lorebook.groups import GroupCompetition
from core.lorebook.key_search import MAX_DEPTH, CandidateSearch, KeyCheck, ScanText, View
from core.lorebook.scan_types import (
    Activation,
    Cause,
    Drop,
    Identity,
    RandomSource,
    Rule,
    ScanInput,
    ScanResult,
    ScanSettings,
    in_places,
)
from core.lorebook.timed import Timers
from core.patterns.matcher import Matcher

Count = Callable[[str], int]

MAX_PASSES = 64
"""Passes in which something could wake; empty ones are bounded by the chat's length."""
SLACK = 32
"""More tokens than a message's frame and a torn last token can add to a count."""


def budget_size(settings: ScanSettings, prompt_budget: int) -> int:
    size = floor(settings.budget_percent * prompt_budget / 100 + 0.5) or 1
    return size if settings.budget_cap is None else min(size, settings.budget_cap)


class Budget:
    """The running sum. As in SillyTavern only text used for recursion counts from earlier passes.

    A token is at least one byte long, so the text is not counted again before the bytes added
    since the last count could fill what was left.
    """

    def __init__(self, size: int, count: Count) -> None:
        self.size = size
        self.is_spent = False
        self._count = count
        self._earlier = ""
        self._open_pass()

    def _open_pass(self) -> None:
        self._text: list[str] = []
        self._base: int | None = None
        self._bound = len(self._earlier.encode("utf-8", "replace")) + SLACK

    def take(self, content: str, is_free: bool) -> bool:
        """Adds a content to the pass; False where it does not fit, which ends the taking."""
        self._text.append(content + "\n")
        self._bound += len(content.encode("utf-8", "replace")) + 1
        if is_free or self._bound < self.size:
            return True
        used = self._counted()
        self._bound = used + SLACK
        self.is_spent = self.is_spent or used >= self.size
        return used < self.size

    def _counted(self) -> int:
        if self._base is None:
            self._base = self._count(self._earlier) if self._earlier else 0
        text = "".join(self._text)
        self._text = [text]
        return self._base + self._count(text)

    def close_pass(self, spread: str) -> None:
        """Ends the pass; `spread` is the text that is searched from now on."""
        if spread:
            self._earlier = spread + "\n" + self._earlier
        self._open_pass()


class ScanPass(Enum):
    """Why the entries are gone through once more."""

    INITIAL = 1
    RECURSION = 2
    MIN_ACTIVATIONS = 3


def scan(scan_input: ScanInput, count: Count, matcher: Matcher, dice: RandomSource) -> ScanResult:
    """Finds the entries that wake. Pure apart from the matcher's work and the dice's next numbers.

    Raises whatever `count` and `substitute` raise (`NeedCounts` with a remote tokenizer),
    nothing else.
    """
    running = _RunningScan(scan_input, count, matcher, dice)
    running.run()
    return running.result()


class _RunningScan:
    """The loop and what it has found so far."""

    def __init__(
        self, scan_input: ScanInput, count: Count, matcher: Matcher, dice: RandomSource
    ) -> None:
        self._input = scan_input
        self._settings = settings = scan_input.settings
        self._dice = dice
        books = ordered_books(scan_input.sources, settings)
        by_id = {book.id: book.compiled.by_uid for book in books}
        self._timers = Timers(scan_input.timed, len(scan_input.lines), by_id)
        text = ScanText(scan_input)
        self._keys = KeyCheck(text, matcher)
        self._search = CandidateSearch(scan_input, books, text, self._keys, self._timers)
        self._budget = Budget(budget_size(settings, scan_input.prompt_budget), count)
        self._awake: dict[Identity, EntryCandidate] = {}
        self._dropped: dict[EntryCandidate, tuple[Rule, str]] = {}
        self._failed: set[EntryCandidate] = set()
        self._outdone: set[EntryCandidate] = set()
        self._passes = 0
        self._is_cut_short = False
        self._depth = settings.depth
        self._levels = sorted(set().union(*(book.compiled.levels for book in books)))
        self._level = self._levels.pop(0) if self._levels else 0

    def run(self) -> None:
        limit = self._settings.max_recursion_steps
        most = inf if limit is None else limit
        kind: ScanPass | None = ScanPass.INITIAL
        busy = 0
        self._search.deepen(self._depth)
        while kind is not None and self._passes < most:
            self._is_cut_short = busy >= MAX_PASSES or self._keys.is_exhausted
            if self._is_cut_short:
                break
            self._passes += 1
            candidates = self._winners(self._candidates(kind), kind)
            busy += bool(candidates)
            self._admit(candidates)
            spreading = [
                one
                for one in candidates
                if one not in self._failed and not one.entry.prevent_recursion
            ]
            kind = self._next(kind, spreading)
            if kind is not None:
                text = "\n".join(one.content for one in spreading)
                self._budget.close_pass(text)
                if text:
                    self._search.add_recursion(text)

    def _view(self, candidate: EntryCandidate, kind: ScanPass) -> View:
        own = candidate.entry.scan_depth
        return View(
            min(self._depth if own is None else own, MAX_DEPTH),
            candidate.compiled.extras,
            kind is not ScanPass.MIN_ACTIVATIONS,
        )

    def _candidates(self, kind: ScanPass) -> list[EntryCandidate]:
        """Entries that could wake in this pass: sticky ones first, then in scan order."""
        open_: list[tuple[EntryCandidate, View]] = []
        found: list[EntryCandidate] = []
        everyone = self._search.in_order()
        self._keys.checks += len(everyone)
        for one in everyone:
            if one in self._failed or one.identity in self._awake:
                continue
            rule = self._holding_back(one, kind)
            if rule is not None:
                self._dropped[one] = (rule, "")
            elif one.cause is not Cause.KEY:
                found.append(one)
            else:
                open_.append((one, self._view(one, kind)))
        found += self._woken_by_key(open_)
        return sorted(found, key=lambda one: (not one.is_sticky, one.scan_order))

    def _holding_back(self, one: EntryCandidate, kind: ScanPass) -> Rule | None:
        """The first rule that holds the entry back in this pass, whatever its keys say."""
        entry, given = one.entry, self._input
        if not entry.enabled:
            return Rule.DISABLED
        if entry.triggers and given.trigger not in entry.triggers:
            return Rule.TRIGGER
        if entry.character_filter is not None:
            wanted, tags = entry.character_filter, given.character_tags
            if wanted.names and (given.character_file in wanted.names) is wanted.exclude:
                return Rule.CHARACTER
            if wanted.tags and tags is not None and tags.isdisjoint(wanted.tags) != wanted.exclude:
                return Rule.TAG
        if entry.delay and entry.delay > len(given.lines):
            return Rule.DELAY
        if not one.is_sticky:
            if one.identity in self._timers.cooldown:
                return Rule.COOLDOWN
            is_recursing = kind is ScanPass.RECURSION
            if entry.delay_until_recursion > (self._level if is_recursing else 0):
                return Rule.RECURSION_DELAY
            if is_recursing and entry.exclude_recursion and self._settings.recursive:
                return Rule.RECURSION_EXCLUDED
        is_forbidden = one.compiled.forbid and not one.compiled.activate
        return Rule.DECORATOR if is_forbidden else None

    def _woken_by_key(self, open_: list[tuple[EntryCandidate, View]]) -> list[EntryCandidate]:
        self._keys.prepare(open_)
        found: list[EntryCandidate] = []
        asking: list[tuple[EntryCandidate, View]] = []
        for one, view in open_:
            key = self._keys.primary(one, view)
            if key is None:
                continue
            one.fired = key.written
            if one.entry.selective and one.secondary:
                asking.append((one, view))
            else:
                found.append(one)
        self._keys.prepare(asking, every_key=True)
        for one, view in asking:
            if self._keys.secondary(one, view):
                found.append(one)
            else:
                self._dropped[one] = (Rule.SECONDARY_KEYS, "")
        return found

    def _winners(self, candidates: list[EntryCandidate], kind: ScanPass) -> list[EntryCandidate]:
        if not any(one.entry.group for one in candidates):
            return candidates

        def score(members: list[EntryCandidate]) -> list[int]:
            views = [(one, self._view(one, kind)) for one in members]
            self._keys.prepare(views, every_key=True)
            return [self._keys.score(one, view) for one, view in views]

        taken = {one.entry.group for one in self._awake.values() if one.entry.group}
        groups = GroupCompetition(
            candidates, taken, self._settings.use_group_scoring, score, self._dice
        )
        left = groups.decide()
        for one, reason in groups.losers.items():
            # Who lost a group finds it taken in later passes; the first reason tells more.
            if one not in self._outdone:
                self._dropped[one] = reason
        self._outdone.update(groups.losers)
        return left

    def _admit(self, candidates: list[EntryCandidate]) -> None:
        """Rolls, substitutes and charges the candidates in turn; those that pass are awake."""
        for one in candidates:
            rule = self._refusal(one)
            if rule is not None:
                self._dropped[one] = (rule, "")
                continue
            self._dropped.pop(one, None)
            self._awake[one.identity] = one
            one.step = self._passes

    def _refusal(self, one: EntryCandidate) -> Rule | None:
        if self._budget.is_spent and not one.entry.ignore_budget:
            return Rule.BUDGET
        if not self._is_lucky(one):
            self._failed.add(one)
            return Rule.PROBABILITY
        one.content = self._input.substitute(one.content)
        fits = self._budget.take(one.content, is_free=one.entry.ignore_budget)
        return None if fits else Rule.BUDGET

    def _is_lucky(self, candidate: EntryCandidate) -> bool:
        entry = candidate.entry
        if not entry.use_probability or entry.probability == 100 or candidate.is_sticky:
            return True
        return self._dice.random() * 100 <= entry.probability

    def _next(self, kind: ScanPass, spreading: list[EntryCandidate]) -> ScanPass | None:
        settings = self._settings
        has_room = not self._budget.is_spent
        deepened = kind is ScanPass.MIN_ACTIVATIONS and self._search.has_recursion
        if settings.recursive and has_room and (spreading or deepened):
            return ScanPass.RECURSION
        if has_room and len(self._awake) < settings.min_activations and self._may_deepen():
            self._depth += 1
            self._search.deepen(self._depth)
            return ScanPass.MIN_ACTIVATIONS
        if self._levels:
            self._level = self._levels.pop(0)
            return ScanPass.RECURSION
        return None

    def _may_deepen(self) -> bool:
        limit = self._settings.min_activations_depth_max
        reached = limit is not None and limit < self._depth
        return self._depth <= len(self._input.lines) and not reached

    def result(self) -> ScanResult:
        activated = tuple(
            Activation(
                one.book.id,
                one.entry,
                one.content,
                one.cause,
                one.fired if one.cause is Cause.KEY else "",
                one.step,
            )
            for one in self._awake.values()
        )
        return in_places(
            activated,
            tuple(self._held_back()),
            timed=self._timers.after((id_, one.entry) for id_, one in self._awake.items()),
            stopped=self._keys.stopped,
            budget=self._budget.size,
            is_over_budget=self._budget.is_spent,
            is_cut_short=self._is_cut_short or self._keys.is_exhausted,
        )

    def _held_back(self) -> Iterator[Drop]:
        """Entries that had a reason to wake; those a rule held back before their keys were asked
        for are told only where a plain key is in sight."""
        for one, (rule, detail) in self._dropped.items():
            if one.identity in self._awake:
                continue
            key = one.fired
            if not key and one.cause is Cause.KEY:
                seen = self._keys.plain(one, self._view(one, ScanPass.RECURSION))
                if seen is None:
                    continue
                key = seen.written
            yield Drop(one.book.id, one.entry, rule, key, detail)
