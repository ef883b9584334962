"""What macros can read: plain values, resolved before the first text is expanded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class MacroNames:
    """Who is who. Solo: `group` and `group_not_muted` are the character, `not_char` the user."""

    user: str = ""
    char: str = ""
    group: str = ""
    group_not_muted: str = ""
    not_char: str = ""


@dataclass
class MacroCard(Protocol):
    """The card's fields with their own macros resolved, perhaps only when they are asked for."""

    system_prompt: str = ""
    instructions: str = ""
    description: str = ""
    personality: str = ""
    scenario: str = ""
    persona: str = ""
    examples: str = ""
    """Dialogue examples as written."""
    depth_prompt: str = ""
    creator_notes: str = ""
    version: str = ""
    greetings: tuple[str, ...] = ()
    """The first message, then the alternates."""


@dataclass
class CardFields(MacroCard):
    """A card whose fields are finished texts."""


@dataclass(frozen=True, slots=True)
class MacroMessage:
    """One message of the chat, as the conversation macros see it."""

    text: str
    is_user: bool = False
    hidden: bool = False
    swipe: int | None = None
    swipes: int | None = None

    @property
    def is_being_written(self) -> bool:
        """Whether the swipe that counts as shown is only about to be written."""
        return self.swipe is not None and self.swipes is not None and self.swipe >= self.swipes


class MacroChat(Protocol):
    """The messages of the chat, made when they are asked for: chats are long."""

    def __len__(self) -> int: ...
    def __getitem__(self, index: int, /) -> MacroMessage: ...


@dataclass(frozen=True, slots=True)
class Environment:
    """Everything macros read. `prompts` holds template values by macro name."""

    names: MacroNames = MacroNames()
    card: Callable[[], MacroCard] = CardFields
    """Opens the card for one text: what its macros do happens once for each text with them."""
    chat: MacroChat = ()
    format_examples: Callable[[str], str] = str
    """Brings dialogue examples into the form that the model gets."""
    first_included: int | None = None
    """Index of the oldest message in the prompt; None before one was built."""
    purpose: str = "normal"
    model: str = ""
    context_size: int = 0
    reply_size: int = 0
    prompts: Mapping[str, str] = field(default_factory=dict)
    outlets: Mapping[str, str] = field(default_factory=dict)
    now: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    last_user_message: datetime | None = None
    chat_seed: int = 0
    reroll_seed: str = ""
    reply_seed: int = 0
