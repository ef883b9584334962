"""Which entries wake, and where their text goes."""

from collections.abc import Callable

from core.lorebook.scan_input import Dice, ScanInput
from core.lorebook.scan_result import ScanResult
from core.safe_regex import Matcher


def scan(
    scan_input: ScanInput, count: Callable[[str], int], matcher: Matcher, dice: Dice
) -> ScanResult:
    """Finds the entries that wake. Pure apart from the matcher's work and the dice's next numbers.

    Raises whatever `count` raises (`NeedCounts` with a remote tokenizer), nothing else.
    """
    raise NotImplementedError
