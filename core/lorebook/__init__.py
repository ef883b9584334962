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
    CardTexts,
    Dice,
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
    "CardTexts",
    "Cause",
    "CharacterFilter",
    "DepthLore",
    "Dice",
    "Drop",
    "Entry",
    "EntryRole",
    "Logic",
    "Lorebook",
    "Position",
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
