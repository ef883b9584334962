"""The passes of a scan: what wakes may hold the keys of what wakes next."""

from core.lorebook.budget import Budget
from core.lorebook.candidate import Candidate
from core.lorebook.filters import Filters, Pass
from core.lorebook.group_competition import GroupCompetition
from core.lorebook.groups import Contest
from core.lorebook.key_check import KeyCheck
from core.lorebook.order import OrderedBook
from core.lorebook.scan_input import Dice, ScanInput, ScanSettings
from core.lorebook.scan_result import Cause, Rule
from core.lorebook.scan_text import MAX_DEPTH, View
from core.lorebook.timed import Identity

MAX_PASSES = 64
"""Passes in which something could wake; empty ones are bounded by the chat's length."""


class Activation:
    """The loop and what it has found so far."""

    def __init__(
        self,
        scan_input: ScanInput,
        books: list[OrderedBook],
        crowd: GroupCompetition,
        keys: KeyCheck,
        filters: Filters,
        budget: Budget,
        dice: Dice,
    ) -> None:
        self.awake: dict[Identity, Candidate] = {}
        self.steps: dict[Identity, int] = {}
        self.dropped: dict[Candidate, tuple[Rule, str]] = {}
        self.passes = 0
        self._is_cut_short = False
        self._settings: ScanSettings = scan_input.settings
        self._input = scan_input
        self._crowd = crowd
        self._keys = keys
        self._filters = filters
        self._budget = budget
        self._dice = dice
        self._failed: set[Candidate] = set()
        self._outdone: set[Candidate] = set()
        self._depth = self._settings.depth
        self._levels = sorted(set().union(*(book.compiled.levels for book in books)))
        self._level = self._levels.pop(0) if self._levels else 0

    def run(self) -> None:
        """Goes through the entries until nothing new can wake or a bound is reached."""
        most = self._settings.max_recursion_steps
        kind: Pass | None = Pass.INITIAL
        busy = 0
        self._crowd.deepen(self._depth)
        while kind is not None and not (0 < most <= self.passes):
            self._is_cut_short = busy >= MAX_PASSES
            if self.is_cut_short:
                break
            self.passes += 1
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
                    self._crowd.add_recursion(text)

    @property
    def is_cut_short(self) -> bool:
        """Whether one of our bounds ended the loop."""
        return self._is_cut_short or self._keys.is_exhausted

    def view(self, candidate: Candidate, kind: Pass) -> View:
        """What the entry sees in this pass."""
        own = candidate.entry.scan_depth
        return View(
            min(self._depth if own is None else own, MAX_DEPTH),
            candidate.compiled.extras,
            kind is not Pass.MIN_ACTIVATIONS,
        )

    def _candidates(self, kind: Pass) -> list[Candidate]:
        """Entries that could wake in this pass: sticky ones first, then in scan order."""
        open_: list[tuple[Candidate, View]] = []
        found: list[Candidate] = []
        everyone = self._crowd.in_order()
        self._keys.checks += len(everyone)
        for one in everyone:
            if one in self._failed or one.identity in self.awake:
                continue
            rule = self._filters.rule(one, kind, self._level)
            if rule is not None:
                self.dropped[one] = (rule, "")
            elif self._cause(one):
                found.append(one)
            else:
                open_.append((one, self.view(one, kind)))
        found += self._woken_by_key(open_)
        return sorted(found, key=lambda one: (not one.is_sticky, one.scan_order))

    def _cause(self, candidate: Candidate) -> bool:
        """Whether the entry wakes whatever the text says."""
        if candidate.compiled.activate:
            candidate.cause = Cause.DECORATOR
        elif candidate.entry.constant:
            candidate.cause = Cause.CONSTANT
        elif candidate.is_sticky:
            candidate.cause = Cause.STICKY
        return candidate.cause is not Cause.KEY

    def _woken_by_key(self, open_: list[tuple[Candidate, View]]) -> list[Candidate]:
        self._keys.prepare(open_)
        found: list[Candidate] = []
        asking: list[tuple[Candidate, View]] = []
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
                self.dropped[one] = (Rule.SECONDARY_KEYS, "")
        return found

    def _winners(self, candidates: list[Candidate], kind: Pass) -> list[Candidate]:
        """What the inclusion groups leave over."""
        if not any(one.entry.group for one in candidates):
            return candidates

        def score(members: list[Candidate]) -> list[int]:
            views = [(one, self.view(one, kind)) for one in members]
            self._keys.prepare(views, every_key=True)
            return [self._keys.score(one, view) for one, view in views]

        taken = {one.entry.group for one in self.awake.values() if one.entry.group}
        contest = Contest(candidates, taken, self._settings.use_group_scoring, score, self._dice)
        left = contest.decide()
        for one, reason in contest.losers.items():
            # Who lost a group finds it taken in later passes; the first reason tells more.
            if one not in self._outdone:
                self.dropped[one] = reason
        self._outdone.update(contest.losers)
        return left

    def _admit(self, candidates: list[Candidate]) -> None:
        """Rolls, substitutes and charges the candidates in turn; those that pass are awake."""
        for one in candidates:
            if self._budget.is_spent and not one.entry.ignore_budget:
                self.dropped[one] = (Rule.BUDGET, "")
                continue
            if not self._is_lucky(one):
                self._failed.add(one)
                self.dropped[one] = (Rule.PROBABILITY, "")
                continue
            one.content = self._input.substitute(one.content)
            if not self._budget.take(one.content, is_free=one.entry.ignore_budget):
                self.dropped[one] = (Rule.BUDGET, "")
                continue
            self.dropped.pop(one, None)
            self.awake[one.identity] = one
            self.steps[one.identity] = self.passes

    def _is_lucky(self, candidate: Candidate) -> bool:
        entry = candidate.entry
        if not entry.use_probability or entry.probability == 100 or candidate.is_sticky:
            return True
        return self._dice.random() * 100 <= entry.probability

    def _next(self, kind: Pass, spreading: list[Candidate]) -> Pass | None:
        """The next pass, if there is to be one."""
        settings = self._settings
        has_room = not self._budget.is_spent
        found_more = spreading or (kind is Pass.MIN_ACTIVATIONS and self._crowd.has_recursion)
        if settings.recursive and has_room and found_more:
            return Pass.RECURSION
        if has_room and len(self.awake) < settings.min_activations and self._may_deepen():
            self._depth += 1
            self._crowd.deepen(self._depth)
            return Pass.MIN_ACTIVATIONS
        if self._levels:
            self._level = self._levels.pop(0)
            return Pass.RECURSION
        return None

    def _may_deepen(self) -> bool:
        most = self._settings.min_activations_depth_max
        return self._depth <= len(self._input.lines) and not 0 < most < self._depth
