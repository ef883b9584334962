"""Inclusion groups: of the entries that could wake together only one stays."""

import re
from collections.abc import Callable, Collection
from itertools import accumulate

from core.lorebook.compiled import EntryCandidate
from core.lorebook.lorebook import as_javascript_lists
from core.lorebook.scan_types import RandomSource, Rule

_SEPARATOR = re.compile(r",\s*")
MAX_GROUPS = 64
"""Groups of one entry that count."""

Score = Callable[[list[EntryCandidate]], list[int]]


class GroupCompetition:
    """The groups among the candidates of one pass."""

    def __init__(
        self,
        candidates: list[EntryCandidate],
        taken: Collection[str],
        use_scoring: bool,
        score: Score,
        dice: RandomSource,
    ) -> None:
        self.left = list(candidates)
        self.losers: dict[EntryCandidate, tuple[Rule, str]] = {}
        self._taken = taken
        self._use_scoring = use_scoring
        self._score = score
        self._dice = dice
        self._groups = _grouped(candidates)

    def decide(self) -> list[EntryCandidate]:
        """The candidates that stay, in their order; `losers` says why the others went."""
        sticky = {name for name, group in self._groups.items() if self._keep_sticky(name, group)}
        for name, group in self._groups.items():
            if name not in sticky:
                self._keep_best(name, group)
        for name, group in self._groups.items():
            if name not in sticky:
                self._keep_one(name, group)
        return self.left

    def _remove(self, candidate: EntryCandidate, rule: Rule, group: str) -> None:
        # SillyTavern removes at the index found; for one that is gone already that index is -1,
        # which removes the last of the list whoever that is.
        at = self.left.index(candidate) if candidate in self.left else -1
        if self.left:
            gone = self.left.pop(at)
            self.losers[gone] = (rule, group)

    def _keep_sticky(self, name: str, group: list[EntryCandidate]) -> bool:
        if not any(member.is_sticky for member in group):
            return False
        for member in group:
            if not member.is_sticky:
                self._remove(member, Rule.GROUP_STICKY, name)
        return True

    def _keep_best(self, name: str, group: list[EntryCandidate]) -> None:
        if not self._use_scoring and not any(m.entry.use_group_scoring for m in group):
            return
        scores = self._score(group)
        best = max(scores)
        for member, score in zip(list(group), scores, strict=True):
            own = member.entry.use_group_scoring
            is_scored = self._use_scoring if own is None else own
            if is_scored and score < best:
                self._remove(member, Rule.GROUP_SCORE, name)
                group.remove(member)

    def _keep_one(self, name: str, group: list[EntryCandidate]) -> None:
        winner, rule = None, Rule.GROUP_TAKEN
        if name not in self._taken:
            if len(group) < 2:
                return
            preferred = [member for member in group if member.entry.group_override]
            rule = Rule.GROUP_PRIORITY if preferred else Rule.GROUP_DRAW
            by_order = max(preferred, key=lambda member: member.entry.order, default=None)
            winner = by_order or self._draw(group)
            if winner is None:
                return
        for member in group:
            if member is not winner:
                self._remove(member, rule, name)

    def _draw(self, group: list[EntryCandidate]) -> EntryCandidate | None:
        roll = self._dice.random() * sum(member.entry.group_weight for member in group)
        reached = accumulate(member.entry.group_weight for member in group)
        return next((one for one, top in zip(group, reached, strict=True) if roll <= top), None)


def _grouped(candidates: list[EntryCandidate]) -> dict[str, list[EntryCandidate]]:
    groups: dict[str, list[EntryCandidate]] = {}
    for candidate in candidates:
        names = _SEPARATOR.split(candidate.entry.group) if candidate.entry.group else []
        for name in [name for name in names if name][:MAX_GROUPS]:
            groups.setdefault(name, []).append(candidate)
    return {name: groups[name] for name in as_javascript_lists(groups)}
