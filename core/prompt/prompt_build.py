"""The working state of one build: the chat, the card's fields, the macros, the injections."""

from dataclasses import dataclass, field, replace
from typing import Any

from core.macros.engine import Macros
from core.presets.templates import PromptRole
from core.prompt.card import CardReader
from core.prompt.context import Context, HistoryMessage, NotePosition, Purpose
from core.prompt.guard import Guard


@dataclass(frozen=True, slots=True)
class Injection:
    """A text with its place. Ids decide the order where several share a place."""

    id: str
    text: str
    position: NotePosition = NotePosition.IN_CHAT
    depth: int = 0
    role: PromptRole = PromptRole.SYSTEM
    scanned: bool = False
    """Whether lore keys are looked for in it."""


@dataclass(slots=True)
class PromptBuild:
    """What the steps of a build share. `chat` is the whole chat, `sent` what may be sent of it."""

    context: Context
    guard: Guard
    macros: Macros
    card: CardReader
    chat: list[HistoryMessage]
    sent: list[HistoryMessage] = field(default_factory=list)
    injections: list[Injection] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    quiet: str = ""
    """The quiet prompt with its macros resolved; what is shielded in it is not yet revealed."""
    reply_start: str = ""
    """What the reply shall begin with, likewise; resolved before anything new is said."""

    @property
    def user(self) -> str:
        """The person's name as the prompt shows it."""
        return self.guard.reveal(self.macros.environment.names.user)

    @property
    def char(self) -> str:
        """The name of the one who answers."""
        return self.context.character.name

    @property
    def continues(self) -> bool:
        """Whether the last message is to be continued."""
        return self.context.purpose is Purpose.CONTINUE

    def learn(self, **known: Any) -> None:
        """Gives the macros values that were not known when the build began."""
        self.macros.environment = replace(self.macros.environment, **known)

    def expand(self, text: str) -> str:
        """Finished text: macros resolved, shielded characters as they were."""
        return self.guard.reveal(self.macros.expand(text))

    def first_included(self, shown: int) -> int:
        """What `{{firstIncludedMessageId}}` gives in the next prompt, by the messages shown."""
        is_rewritten = self.context.purpose in (
            Purpose.SWIPE,
            Purpose.REGENERATE,
            Purpose.CONTINUE,
        )
        return max(0, len(self.chat) - shown - is_rewritten)
