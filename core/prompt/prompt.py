"""The finished prompt: parts with their sources, and what was left out."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from core.backends.types import WireMessage
from core.kind import Kind
from core.lorebook import ScanResult, TimedState
from core.macros.variables import VariableWrite
from core.prompt.context import GivesWay

MAX_DROPPED_SHOWN = 50
"""Messages without room that are listed among the parts; the report counts all."""


class PartKind(StrEnum):
    SYSTEM = "system"
    STORY = "story"
    LORE = "lore"
    PERSONA = "persona"
    CARD = "card"
    EXAMPLE = "example"
    SEPARATOR = "separator"
    HISTORY = "history"
    NOTE = "note"
    INSTRUCTIONS = "instructions"
    UTILITY = "utility"
    REPLY_START = "reply-start"


@dataclass(frozen=True, slots=True)
class PromptPart:
    """One piece of the prompt, in prompt order. `role` is system, user or assistant.

    `source` says where it comes from (card field, lore entry, message). `tokens` is None
    where a part was never counted by itself. `dropped`: the budget was used up before its turn.
    """

    kind: PartKind
    role: str
    text: str
    source: str = ""
    tokens: int | None = None
    dropped: bool = False
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a living prompt cannot be sent, in tokens of what may not be missing."""

    card: int
    settings: int
    """Prompts and templates of presets, and what is kept free."""
    needed: int
    """All of it with the newest words, shortened; the reply apart."""
    wished: int
    """The same with nothing left out but history and examples."""


@dataclass(frozen=True, slots=True)
class BudgetReport:
    """The sums: tokens in all, what the budget was, and how many messages stayed."""

    context_size: int = 0
    reply_size: int = 0
    padding: int = 0
    used: int = 0
    sent: int | None = None
    """The finished text counted as one, with what the server adds; None where nobody did."""
    messages_kept: int = 0
    messages_dropped: int = 0
    examples_dropped: int = 0
    first_included: int | None = None
    """Index of the oldest message in the prompt, for the next one's macros."""
    optional: int = 0
    """Messages and example elements in the prompt that would leave if there were less room."""
    overflow: bool = False
    """The fixed parts alone did not fit; what was placed so far is sent."""
    misfit: Misfit | None = None
    """What may not be missing does not fit: this prompt is to be looked at, not to be sent."""

    @property
    def budget(self) -> int:
        return self.context_size - self.reply_size


@dataclass(frozen=True, slots=True)
class Prompt:
    """What one reply sends. `text` in text kind, `messages` in chat kind."""

    kind: Kind
    parts: tuple[PromptPart, ...] = ()
    text: str = ""
    messages: tuple[WireMessage, ...] = ()
    stop: tuple[str, ...] = ()
    own_stop: tuple[str, ...] = ()
    """All of the person's own stop strings; `stop` may hold fewer of them."""
    lore: ScanResult = field(default_factory=ScanResult)
    """The whole scan: what woke by which key, what was held back by which rule."""
    notes: tuple[str, ...] = ()
    """Facts for the person who looks at the prompt: "template: …"."""
    timed_after: TimedState | None = None
    effects: tuple[VariableWrite, ...] = ()
    report: BudgetReport = BudgetReport()
    left_out: tuple[GivesWay, ...] = ()
    """What gave way for want of room, older history apart."""
    is_shortened: bool = False
    """Whether the middle of the newest words was left out."""
    nothing_sent: bool = False
    """The inputs are such that no request is made at all."""
    reply_start: str = ""
    """What the reply has been made to begin with; it belongs to the reply."""
    unseen_start: str = ""
    """The words at the beginning of the last message that are no part of the story."""
    prefill: bool = False
    """The last message is an assistant's that the model is to continue."""

    def kept(self) -> Sequence[PromptPart]:
        """The parts that are sent."""
        return [part for part in self.parts if not part.dropped]

    def as_sent(self) -> str:
        """What the model gets: the string itself, or the messages as JSON."""
        if not self.messages:
            return self.text
        return json.dumps(self.listed(), ensure_ascii=False, indent=1)

    def listed(self) -> list[dict[str, str]]:
        return [
            {"role": one.role, "content": one.content} | ({"name": one.name} if one.name else {})
            for one in self.messages
        ]
