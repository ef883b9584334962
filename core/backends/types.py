"""What goes to a model and what comes back, whichever server it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from core.errors import TavernError
from core.kind import Kind


class Finish(StrEnum):
    STOP = "stop"
    LENGTH = "length"
    FILTER = "filter"
    CANCELLED = "cancelled"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Image:
    """A picture for a model that sees."""

    data: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class WireMessage:
    """One message of a chat request. `role` is system, user or assistant."""

    role: str
    content: str
    name: str | None = None
    images: tuple[Image, ...] = ()


@dataclass(frozen=True, slots=True)
class SpeakerNames:
    """Who speaks, for servers that take no names beside the text. `members`: of a group."""

    user: str = ""
    char: str = ""
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """One completion. `prompt` in text kind, `messages` in chat kind."""

    kind: Kind
    model: str
    prompt: str = ""
    messages: tuple[WireMessage, ...] = ()
    samplers: Mapping[str, Any] = field(default_factory=dict)
    """Values by the names of `core.samplers`; each protocol renames or drops them."""
    stop: tuple[str, ...] = ()
    max_tokens: int = 350
    context_size: int = 8192
    stream: bool = True
    prefill: bool = False
    """Whether the last message is an assistant's that the model is to continue."""
    reply_start: str | None = None
    """The start of the reply, where the last message is that and no message of the story."""
    unseen_start: str = ""
    """Words at the beginning of the last message that only a model that goes on from it gets."""
    takes_prefill: bool = True
    """Off where the model has refused to continue a message before."""
    speakers: SpeakerNames = SpeakerNames()
    images: tuple[Image, ...] = ()
    """Pictures of a text-kind prompt, for servers that take them beside it."""
    switches: tuple[str, ...] = ()
    """What the person has switched on, by the ids of the row's `switches`."""
    effort: str = ""
    """How much the model is to think, one of `sampling.EFFORTS`; empty = the vendor's default."""
    prompt_cache: Literal["5m", "1h", "off"] = "5m"
    """How long Claude keeps the beginning of the prompt."""
    slot: int | None = None
    """Where llama.cpp keeps this channel's cache."""
    stop_tokens: tuple[tuple[int, ...], ...] = ()
    """The stop strings as token ids (NovelAI takes nothing else)."""
    send_stops: bool = True
    """Off for versions of a server that refuse stop strings; the reply is cut here then."""
    user_last: bool = False
    """The last message has to be the user's: the model has refused another."""
    omit: tuple[str, ...] = ()
    """Keys of the body that the model has refused."""

    @property
    def whole_text(self) -> str:
        """All that the model reads, in either kind."""
        return self.prompt or "\n".join(message.content for message in self.messages)

    conversation: str = ""
    """A stable name of the channel, for servers that pin cache slots; tells nobody who it is."""
    turn: str = ""
    """A name of this very reply: what would be left to chance is the same for the same turn."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts as the server reports them; None = not said."""

    prompt_tokens: int | None = None
    reply_tokens: int | None = None
    cached_tokens: int | None = None


class WaitReason(StrEnum):
    QUEUE = "queue"
    RATE_LIMIT = "rate-limit"
    OVERLOAD = "overload"
    LOADING = "loading"
    TOKENIZER = "tokenizer"


@dataclass(frozen=True, slots=True)
class Wait:
    """Why nothing comes yet."""

    reason: WaitReason
    position: int | None = None
    seconds: float | None = None
    detail: str = ""
    """The server's own words."""
    tokenizer: str = ""
    """Which one is fetched."""
    percent: int | None = None
    """How much of a model or tokenizer is here."""


class NoteCode(StrEnum):
    """What may be said under a reply. The fact that goes with it is named behind each."""

    FALLBACK = "fallback"  # the connection that answered
    DROPPED = "dropped"  # the parameter that the model refused
    PREFILL_REFUSED = "prefill-refused"
    FILTER = "filter"  # what the vendor's filter objected to
    WORKER = "worker"  # the name of a volunteer's machine
    WORKER_CONTEXT = "worker-context"  # tokens
    WORKER_REPLY = "worker-reply"  # tokens
    KUDOS = "kudos"  # their number
    SLOW = "slow"
    IMAGES = "images"
    SCRIPT_STOPPED = "script-stopped"  # its name
    LEFT_OUT = "left-out"  # which parts of the prompt, by the names of `GivesWay`
    FILE_CUT = "file-cut"  # the file's name
    FILE_TOO_LARGE = "file-too-large"  # the file's name


@dataclass(frozen=True, slots=True)
class Note:
    """Something the person should know of a reply."""

    code: NoteCode
    fact: str = ""
    where: str = ""
    """Whose doing it is, where that matters."""

    def __str__(self) -> str:
        return f"{self.code}:{self.fact}" if self.fact else self.code


@dataclass(frozen=True, slots=True)
class Delta:
    """One step of a stream. The last one carries `finish`."""

    text: str = ""
    reasoning: str = ""
    finish: Finish | None = None
    usage: Usage | None = None
    wait: Wait | None = None
    citations: tuple[str, ...] = ()
    note: Note | None = None
    refusal: str = ""
    """What the vendor says instead of an answer; never words of the reply."""
    provider: str = ""
    """Who answers behind a service that passes requests on."""
    whole: bool = False
    """Text and reasoning sum up all that came before them."""


@dataclass(frozen=True, slots=True)
class Model:
    id: str
    name: str = ""
    context_size: int | None = None
    sees: bool | None = None
    price: str = ""
    """Price per million tokens as text ("$3 / $15"), where the server tells."""
    writes: bool = True
    """False: no reply comes of it."""
    draws: bool = False
    """It makes pictures only."""
    parameters: frozenset[str] | None = None
    """What of a request it takes, where the vendor tells."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What a server says about itself."""

    model: str = ""
    context_size: int | None = None
    version: str = ""
    slots: int | None = None
    chat_template: str = ""
    sees: bool | None = None
    tier: str = ""
    """What the account's subscription is called."""
    needed_tier: str = ""
    """The subscription that the model would need, where the account has a lesser one."""
    longest_reply: int | None = None
    parameters: frozenset[str] | None = None
    """What of a request the model takes, where the vendor tells."""


class Unsupported(TavernError):
    """The backend offers no such thing. Facts: what."""
