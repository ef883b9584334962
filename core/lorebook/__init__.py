"""Lorebooks: reading, writing and finding out which entries wake."""

from core.lorebook.lorebook import (
    CharacterFilter,
    Entry,
    EntryRole,
    Logic,
    Lorebook,
    Position,
)
from core.lorebook.scan_input import (
    ActiveBook,
    ExtraTexts,
    RandomSource,
    ScanInput,
    ScanLine,
    ScanSettings,
    Sources,
    Strategy,
    TimedEffect,
    TimedState,
)
from core.lorebook.scan_result import (
    Activation,
    Cause,
    DepthLore,
    Drop,
    Rule,
    ScanResult,
    StoppedKey,
)

__all__ = [
    "Activation",
    "ActiveBook",
    "Cause",
    "CharacterFilter",
    "DepthLore",
    "Drop",
    "Entry",
    "EntryRole",
    "ExtraTexts",
    "Logic",
    "Lorebook",
    "Position",
    "RandomSource",
    "Rule",
    "ScanInput",
    "ScanLine",
    "ScanResult",
    "ScanSettings",
    "Sources",
    "StoppedKey",
    "Strategy",
    "TimedEffect",
    "TimedState",
]
