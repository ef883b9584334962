"""What a backend is: one streaming method over a row of the catalog."""

import abc
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from core.errors import TavernError
from core.kind import Kind
from core.secret import Secret

if TYPE_CHECKING:
    from core.backends.http import Http
    from core.backends.spec import Spec

__all__ = [
    "Backend",
    "Delta",
    "Finish",
    "Image",
    "Kind",
    "Model",
    "Probe",
    "Request",
    "Secret",
    "Unsupported",
    "Usage",
    "Wait",
    "WireMessage",
]


class Finish(StrEnum):
    """Why a reply ended."""

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
    images: tuple[Image, ...] = ()
    """Pictures of a text-kind prompt, for servers that take them beside it."""
    switches: tuple[str, ...] = ()
    """What the person has switched on, by the ids of the row's `switches`."""
    effort: str = ""
    """How much the model is to think, one of `reason.EFFORTS`; empty = the vendor's default."""
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
    conversation: str = ""
    """A stable name of the channel, for servers that pin cache slots; tells nobody who it is."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts as the server reports them; None = not said."""

    prompt_tokens: int | None = None
    reply_tokens: int | None = None
    cached_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Why nothing comes yet. `reason`: queue, rate-limit, overload, loading, tokenizer.

    `detail` names the tokenizer that is fetched, `percent` says how much of it is here.
    """

    reason: str
    position: int | None = None
    seconds: float | None = None
    detail: str = ""
    percent: int | None = None


@dataclass(frozen=True, slots=True)
class Delta:
    """One step of a stream. The last one carries `finish`."""

    text: str = ""
    reasoning: str = ""
    finish: Finish | None = None
    usage: Usage | None = None
    wait: Wait | None = None
    citations: tuple[str, ...] = ()
    note: str = ""
    """Something the person should know, as a code: `fallback:<connection>`, `dropped:<parameter>`
    (the model refused it), `prefill-refused`, `kudos:<number>`, `worker:<name>`."""


@dataclass(frozen=True, slots=True)
class Model:
    """One entry of a server's model list."""

    id: str
    name: str = ""
    context_size: int | None = None
    sees: bool | None = None
    price: str = ""
    """Price per million tokens as text ("$3 / $15"), where the server tells."""
    writes: bool = True
    """False: it makes pictures only, which no reply comes of."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What a server says about itself."""

    model: str = ""
    context_size: int | None = None
    version: str = ""
    slots: int | None = None
    chat_template: str = ""
    sees: bool | None = None
    details: Mapping[str, str] = field(default_factory=dict)


class Unsupported(TavernError):
    """The backend offers no such thing. Facts: what."""


class Backend(abc.ABC):
    """One wire protocol, bound to one row, address and key.

    Subclasses set `protocol` and are found by it. All errors raised are `BackendError`s.
    """

    protocol: ClassVar[str] = ""
    _protocols: ClassVar[dict[str, type["Backend"]]] = {}

    def __init_subclass__(cls) -> None:
        if cls.protocol:
            Backend._protocols[cls.protocol] = cls

    @classmethod
    def registered(cls) -> Mapping[str, type["Backend"]]:
        """Every protocol imported so far, by id."""
        return dict(cls._protocols)

    def __init__(self, spec: "Spec", http: "Http", url: str, key: Secret) -> None:
        # Imported here: the types of this module are needed where nothing is ever sent.
        from core.backends.line import Line

        self.spec = spec
        self.http = http
        self.url = url
        self.key = key
        self.line: Line = Line(spec, http, url, key)

    @abc.abstractmethod
    def stream(self, request: Request) -> AsyncGenerator[Delta]:
        """Runs the request; closing the iterator closes the connection and ends the job."""

    async def models(self) -> list[Model]:
        """The server's models. Raises Unsupported where there is no list."""
        raise Unsupported("no model list", what="models")

    async def probe(self, model: str = "") -> Probe:
        """Asks the server what it is, and what it knows about `model` where one is named.

        Raises the `BackendError` that names the fault.
        """
        raise Unsupported("no probe", what="probe")

    async def count(self, texts: Sequence[str], model: str) -> list[int]:
        """Exact token counts by the server's own tokenizer. Raises Unsupported."""
        raise Unsupported("no remote tokenizer", what="count")

    async def specials(self, model: str) -> int:
        """Tokens that the server itself puts around a prompt. Raises Unsupported."""
        raise Unsupported("no remote tokenizer", what="count")
