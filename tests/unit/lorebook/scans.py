"""Small books and scans for the tests."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from core.lorebook import (
    ActiveBook,
    Entry,
    Lorebook,
    ScanInput,
    ScanLine,
    ScanResult,
    ScanSettings,
    Sources,
)
from core.lorebook.scan import scan
from core.patterns import Pattern
from core.patterns.matcher import MatchResult
from core.tokenizers.tokenizer import Estimate

CHAT = (
    ScanLine("Mira", "A second cup stands beside the lamp."),
    ScanLine("Tobin", "Is the storm going to get worse?"),
    ScanLine("Mira", "It already has."),
    ScanLine("Tobin", "Then tell me about the lighthouse."),
)


class Told:
    """A matcher that gives the verdicts it was told to, and remembers what it was asked."""

    def __init__(
        self, verdict: MatchResult = MatchResult.NO_MATCH, **verdicts: MatchResult
    ) -> None:
        self.verdict = verdict
        self.verdicts = verdicts
        self.asked: list[tuple[str, str]] = []

    def test(self, patterns: Sequence[Pattern], subject: str) -> list[MatchResult]:
        self.asked += [(str(pattern), subject) for pattern in patterns]
        return [self.verdicts.get(pattern.source, self.verdict) for pattern in patterns]


class Fixed:
    """Dice that always show the same."""

    def __init__(self, value: float) -> None:
        self.value = value

    def random(self) -> float:
        return self.value


def book(*entries: Entry) -> Lorebook:
    """A book whose entries are numbered as they stand."""
    numbered = tuple(entry.model_copy(update={"uid": uid}) for uid, entry in enumerate(entries))
    return Lorebook(name="Isle", entries=numbered)


def entry(content: str, *keys: str, **fields: Any) -> Entry:
    """An entry; without keys it is constant."""
    return Entry(content=content, keys=keys, **({"constant": not keys} | fields))


def given(entries: Sequence[Entry], lines: Sequence[ScanLine] = CHAT, **settings: Any) -> ScanInput:
    """A scan of one book that is active everywhere."""
    sources = Sources(shared=(ActiveBook("isle", book(*entries)),))
    return ScanInput(sources, tuple(lines), 7_842, ScanSettings(**settings))


def run(
    scan_input: ScanInput,
    matcher: Told | None = None,
    dice: Fixed | None = None,
    count: Callable[[str], int] | None = None,
    **changes: Any,
) -> ScanResult:
    """Scans."""
    return scan(
        replace(scan_input, **changes),
        count or Estimate().count,
        matcher or Told(),
        dice or random.Random(1),
    )


def woken(result: ScanResult) -> list[str]:
    """Contents of the entries that woke, in order of activation."""
    return [one.content for one in result.activated]


def rules(result: ScanResult) -> dict[str, str]:
    """Why entries stayed out, by content."""
    return {one.entry.content: str(one.rule) for one in result.dropped}
