"""JavaScript regular expressions that cannot hang the bot."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol


class Verdict(StrEnum):
    """What came of testing one pattern."""

    MATCH = "match"
    NO_MATCH = "no match"
    STOPPED = "stopped"


class Matcher(Protocol):
    """Tests patterns written as `/pattern/flags`; safe to call from several threads."""

    def test(self, patterns: Sequence[str], subject: str) -> list[Verdict]:
        """One verdict for each pattern, in order. Never raises for a pattern's sake."""
        ...
