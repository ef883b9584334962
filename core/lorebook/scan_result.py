"""What a scan found, where it goes and why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from core.lorebook.lorebook import Entry, EntryRole, Position
from core.lorebook.scan_input import TimedState


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
    """Tokens that lore may take."""
    is_over_budget: bool = False
    """Whether entries had to stay out because the budget was used up."""
    is_cut_short: bool = False
    """Whether a bound of ours ended the scan before SillyTavern's would have ended."""


def in_places(activated: Iterable[Activation]) -> ScanResult:
    """What woke with its texts in their places; `dropped` holds what has no place.

    Each entry is put in FRONT of its list, highest order first. So lists read upwards by order,
    and entries of equal order stand in reverse order of activation. Outlets alone read downwards.
    """
    activated = tuple(activated)
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
        dropped=tuple(dropped),
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
    )
