"""What a scan needs to know; nothing else influences it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Protocol

from core.lorebook.lorebook import Lorebook

Identity = tuple[str, int]
"""Book id and entry uid."""


class RandomSource(Protocol):
    """A seeded source of chance; `random.Random` is one."""

    def random(self) -> float:
        """The next number, 0 <= x < 1."""


class Strategy(IntEnum):
    """How entries of character books and of global books are put in order."""

    EVENLY = 0
    CHARACTER_FIRST = 1
    GLOBAL_FIRST = 2


@dataclass(frozen=True, slots=True)
class ActiveBook:
    """A book in use. `id` tells books apart: no book is scanned twice, timers are kept by it."""

    id: str
    book: Lorebook


@dataclass(frozen=True, slots=True)
class Sources:
    """Books in use by where they come from; `shared` ones are active everywhere."""

    chat: tuple[ActiveBook, ...] = ()
    persona: tuple[ActiveBook, ...] = ()
    character: tuple[ActiveBook, ...] = ()
    shared: tuple[ActiveBook, ...] = ()


@dataclass(frozen=True, slots=True)
class ScanSettings:
    """What the person may set; SillyTavern's names and defaults."""

    depth: int = 2
    min_activations: int = 0
    min_activations_depth_max: int = 0
    budget_percent: float = 25
    budget_cap: int = 0
    include_names: bool = True
    recursive: bool = True
    case_sensitive: bool = False
    match_whole_words: bool = True
    strategy: Strategy = Strategy.CHARACTER_FIRST
    use_group_scoring: bool = False
    max_recursion_steps: int = 0


@dataclass(frozen=True, slots=True)
class ScanLine:
    """One message that is not hidden."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class ExtraTexts:
    """Texts that an entry may ask to be searched too (its match_* fields)."""

    persona: str = ""
    description: str = ""
    personality: str = ""
    depth_prompt: str = ""
    scenario: str = ""
    creator_notes: str = ""


@dataclass(frozen=True, slots=True)
class TimedEffect:
    """A running sticky or cooldown, counted in messages: from `start` up to before `end`.

    `hash` is the entry's (`core.lorebook.timed.entry_hash`): editing the entry ends the effect.
    """

    start: int
    end: int
    hash: str
    protected: bool = False


@dataclass(frozen=True, slots=True)
class TimedState:
    sticky: Mapping[Identity, TimedEffect] = field(default_factory=dict)
    cooldown: Mapping[Identity, TimedEffect] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ScanInput:
    """One scan. `lines` are oldest first; `prompt_budget` is context minus reply, in tokens."""

    sources: Sources
    lines: tuple[ScanLine, ...]
    prompt_budget: int
    settings: ScanSettings = ScanSettings()
    card: ExtraTexts = ExtraTexts()
    injections: tuple[str, ...] = ()
    """Texts placed in the chat that are searched too (author's note, depth prompt, persona)."""
    trigger: str = "normal"
    """Generation type: normal, continue, impersonate, swipe, regenerate, quiet."""
    character_file: str = ""
    """File name of the speaker without extension, for character filters."""
    character_tags: frozenset[str] | None = None
    """None = tags unknown: filters by tag do not apply."""
    timed: TimedState = TimedState()
    substitute: Callable[[str], str] = str
    """Macro substitution for keys and contents."""
