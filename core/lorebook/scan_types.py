"""What a scan needs to know, nothing else influences it; what it found, where that goes and why."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any, Protocol

from core.lorebook.lorebook import Entry, EntryRole, Lorebook, Position

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
    min_activations_depth_max: int | None = None
    """None: through the whole chat."""
    budget_percent: float = 25
    budget_cap: int | None = None
    include_names: bool = True
    recursive: bool = True
    case_sensitive: bool = False
    match_whole_words: bool = True
    strategy: Strategy = Strategy.CHARACTER_FIRST
    use_group_scoring: bool = False
    max_recursion_steps: int | None = None
    """Passes in all; None: as many as it takes."""


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


class Cause(StrEnum):
    KEY = "key"
    CONSTANT = "constant"
    STICKY = "sticky"
    DECORATOR = "decorator"


class Rule(StrEnum):
    """Why an entry that could have woken did not reach the prompt."""

    DISABLED = "disabled"
    TRIGGER = "trigger"
    CHARACTER = "character"
    TAG = "tag"
    DELAY = "delay"
    COOLDOWN = "cooldown"
    RECURSION_DELAY = "recursion delay"
    RECURSION_EXCLUDED = "recursion excluded"
    DECORATOR = "decorator"
    SECONDARY_KEYS = "secondary keys"
    GROUP_STICKY = "group sticky"
    GROUP_SCORE = "group score"
    GROUP_TAKEN = "group taken"
    GROUP_PRIORITY = "group priority"
    GROUP_DRAW = "group draw"
    PROBABILITY = "probability"
    BUDGET = "budget"
    EMPTY = "empty"
    NO_OUTLET = "no outlet"


@dataclass(frozen=True, slots=True)
class Activation:
    """An entry that woke. `content` has its macros substituted and its decorators removed."""

    book: str
    entry: Entry
    content: str
    cause: Cause
    key: str = ""
    """The key that fired, as written; empty unless the cause is a key."""
    step: int = 1
    """The pass of the scan in which it woke, from 1; later ones found it by recursion."""


@dataclass(frozen=True, slots=True)
class Drop:
    """An entry that had a reason to wake and was held back by a rule."""

    book: str
    entry: Entry
    rule: Rule
    key: str = ""
    detail: str = ""
    """The group or trigger concerned, where there is one."""


@dataclass(frozen=True, slots=True)
class StoppedKey:
    """A regex key that took too long, counted as not matching. `book`, `uid` say whose it is."""

    book: str
    uid: int
    key: str


@dataclass(frozen=True, slots=True)
class DepthLore:
    """Lore for one depth of the chat and one role, lines joined by newline."""

    depth: int
    role: EntryRole
    text: str


@dataclass(frozen=True, slots=True)
class ScanResult:
    """All that woke, in order of activation, and the texts by place, in order of the prompt."""

    activated: tuple[Activation, ...] = ()
    dropped: tuple[Drop, ...] = ()
    before: str = ""
    after: str = ""
    note_top: tuple[str, ...] = ()
    note_bottom: tuple[str, ...] = ()
    examples_top: tuple[str, ...] = ()
    """Each is to be parsed like a card's examples and put in FRONT of those there so far."""
    examples_bottom: tuple[str, ...] = ()
    depths: tuple[DepthLore, ...] = ()
    outlets: Mapping[str, str] = field(default_factory=dict)
    timed: TimedState = field(default_factory=TimedState)
    """The effects to be stored if the reply is kept."""
    stopped: tuple[StoppedKey, ...] = ()
    budget: int = 0
    is_over_budget: bool = False
    is_cut_short: bool = False
    """Whether a bound of ours ended the scan before SillyTavern's would have ended."""


def in_places(
    activated: tuple[Activation, ...], held_back: tuple[Drop, ...] = (), **found: Any
) -> ScanResult:
    """What woke with its texts in their places; `dropped` also holds what has no place.

    Each entry is put in FRONT of its list, highest order first. So lists read upwards by order,
    and entries of equal order stand in reverse order of activation. Outlets alone read downwards.
    """
    lists: dict[Position, list[str]] = {position: [] for position in Position}
    depths: dict[tuple[int, EntryRole], list[str]] = {}
    outlets: dict[str, list[str]] = {}
    dropped: list[Drop] = []
    for one in sorted(activated, key=lambda one: -one.entry.order):
        entry = one.entry
        if not one.content:
            dropped.append(Drop(one.book, entry, Rule.EMPTY, one.key))
        elif entry.position is Position.AT_DEPTH:
            depths.setdefault((entry.depth, entry.role), []).insert(0, one.content)
        elif entry.position is not Position.OUTLET:
            lists[entry.position].insert(0, one.content)
        elif entry.outlet:
            outlets.setdefault(entry.outlet, []).append(one.content)
        else:
            dropped.append(Drop(one.book, entry, Rule.NO_OUTLET, one.key))
    return ScanResult(
        activated=activated,
        dropped=(*held_back, *dropped),
        before="\n".join(lists[Position.BEFORE_CHARACTER]),
        after="\n".join(lists[Position.AFTER_CHARACTER]),
        note_top=tuple(lists[Position.NOTE_TOP]),
        note_bottom=tuple(lists[Position.NOTE_BOTTOM]),
        examples_top=tuple(lists[Position.EXAMPLES_TOP]),
        examples_bottom=tuple(lists[Position.EXAMPLES_BOTTOM]),
        depths=tuple(
            DepthLore(depth, role, "\n".join(texts)) for (depth, role), texts in depths.items()
        ),
        outlets={name: "\n".join(texts) for name, texts in outlets.items()},
        **found,
    )
