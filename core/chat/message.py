"""One message of a story with its swipes, and a line of a person before it is one."""

from dataclasses import dataclass, field
from enum import StrEnum

from core.chat.place import Place


class Role(StrEnum):
    """Who a line belongs to. NARRATOR lines carry no name in a prompt."""

    USER = "user"
    CHARACTER = "character"
    NARRATOR = "narrator"


class State(StrEnum):
    """How far a message has come; anything but DONE and CUT is looked after at start."""

    PENDING = "pending"
    STREAMING = "streaming"
    DONE = "done"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message. `text` is its content where it is text, cut to the limit.

    `is_cut`: whether there was more of it.
    """

    id: int
    name: str
    content_type: str
    size: int
    url: str
    text: str | None = None
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Swipe:
    """One version of a message."""

    text: str
    reasoning: str = ""
    backend: str = ""
    model: str = ""
    prompt_tokens: int | None = None
    reply_tokens: int | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message as stored. `id` is ours, `seq` its place in the story."""

    id: int
    seq: int
    role: Role
    name: str
    swipes: tuple[Swipe, ...]
    active: int = 0
    state: State = State.DONE
    hidden: bool = False
    author_id: int | None = None
    persona_id: int | None = None
    character_id: int | None = None
    created: int = 0
    """UTC milliseconds."""
    discord_ids: tuple[int, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    """Token counts already made of the active swipe, by tokenizer id."""

    @property
    def text(self) -> str:
        return self.swipes[self.active].text if self.swipes else ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message of a person. `text` is cleaned for the prompt, not Discord's raw markup."""

    discord_id: int
    place: Place
    author_id: int
    author_name: str
    text: str
    attachments: tuple[Attachment, ...] = ()
    reply_to: int | None = None
    """Discord id of the message this one replies to."""
    addressed: bool = False
    """Mentions the bot, or replies to it or to one of its characters."""
    created: int = 0
    """UTC milliseconds."""
    fresh: bool = True
    """False for messages read back at start that are too old to be answered."""
