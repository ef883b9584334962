"""Rules that hold an entry back whatever its keys say."""

from dataclasses import dataclass
from enum import Enum

from core.lorebook.candidate import EntryCandidate
from core.lorebook.scan_input import ScanInput
from core.lorebook.scan_result import Rule
from core.lorebook.timed import Timers


class ScanPass(Enum):
    """Why the entries are gone through once more."""

    INITIAL = 1
    RECURSION = 2
    MIN_ACTIVATIONS = 3


@dataclass(frozen=True, slots=True)
class Filters:
    """Everything the rules depend on apart from the pass."""

    scan_input: ScanInput
    timers: Timers

    def rule(self, candidate: EntryCandidate, kind: ScanPass, level: int) -> Rule | None:
        """The first rule that holds the entry back in this pass, if any."""
        entry = candidate.entry
        if not entry.enabled:
            return Rule.DISABLED
        if entry.triggers and self.scan_input.trigger not in entry.triggers:
            return Rule.TRIGGER
        rule = self._character(candidate) or self._time(candidate)
        if rule is None and not candidate.is_sticky:
            rule = self._recursion(candidate, kind, level)
        if rule is None and candidate.compiled.forbid and not candidate.compiled.activate:
            return Rule.DECORATOR
        return rule

    def _character(self, candidate: EntryCandidate) -> Rule | None:
        wanted = candidate.entry.character_filter
        if wanted is None:
            return None
        if wanted.names and (self.scan_input.character_file in wanted.names) is wanted.exclude:
            return Rule.CHARACTER
        tags = self.scan_input.character_tags
        if (
            wanted.tags
            and tags is not None
            and (not tags.isdisjoint(wanted.tags)) is wanted.exclude
        ):
            return Rule.TAG
        return None

    def _time(self, candidate: EntryCandidate) -> Rule | None:
        if (candidate.entry.delay or 0) > len(self.scan_input.lines):
            return Rule.DELAY
        if candidate.identity in self.timers.cooldown and not candidate.is_sticky:
            return Rule.COOLDOWN
        return None

    def _recursion(self, candidate: EntryCandidate, kind: ScanPass, level: int) -> Rule | None:
        entry = candidate.entry
        if entry.delay_until_recursion and kind is not ScanPass.RECURSION:
            return Rule.RECURSION_DELAY
        if kind is not ScanPass.RECURSION:
            return None
        if entry.delay_until_recursion > level:
            return Rule.RECURSION_DELAY
        if entry.exclude_recursion and self.scan_input.settings.recursive:
            return Rule.RECURSION_EXCLUDED
        return None
