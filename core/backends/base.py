"""What a backend is: one streaming method over a row of the catalog."""

import abc
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from core.errors import TavernError

if TYPE_CHECKING:
    from core.backends.http import Http
    from core.backends.spec import Spec


class Kind(StrEnum):
    """The shape of a request: one string to continue, or a list of messages."""

    TEXT = "text"
    CHAT = "chat"


class Finish(StrEnum):
    """Why a reply ended."""

    STOP = "stop"
    LENGTH = "length"
    FILTER = "filter"
    CANCELLED = "cancelled"
    BROKEN = "broken"


class Secret:
    """A key. Its value leaves only through `reveal`; `str` and `repr` show dots."""

    __slots__ = ("_value",)

    def __init__(self, value: str = "") -> None:
        self._value = value.strip()

    def reveal(self) -> str:
        """The value, for the one request header it is meant for."""
        return self._value

    @property
    def ending(self) -> str:
        """The last four characters, for showing which key it is; empty for short keys."""
        return self._value[-4:] if len(self._value) >= 12 else ""

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "Secret(•••)" if self._value else "Secret()"

    __str__ = __repr__

    def __reduce__(self) -> Any:
        raise TypeError("secrets are not pickled")


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
    options: Mapping[str, Any] = field(default_factory=dict)
    """Vendor switches of the row, e.g. reasoning effort."""
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
    """Why nothing comes yet. `reason`: queue, rate-limit, overload, loading."""

    reason: str
    position: int | None = None
    seconds: float | None = None
    detail: str = ""


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
    """Something the person should know, e.g. "answered by the fallback"."""


@dataclass(frozen=True, slots=True)
class Model:
    """One entry of a server's model list."""

    id: str
    name: str = ""
    context_size: int | None = None
    sees: bool | None = None
    price: str = ""
    """Price per million tokens as text ("$3 / $15"), where the server tells."""


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

    def __init__(self, spec: "Spec", http: "Http", url: str, key: Secret) -> None:
        self.spec = spec
        self.http = http
        self.url = url
        self.key = key

    @abc.abstractmethod
    def stream(self, request: Request) -> AsyncIterator[Delta]:
        """Runs the request; closing the iterator closes the connection and ends the job."""

    async def models(self) -> list[Model]:
        """The server's models. Raises Unsupported where there is no list."""
        raise Unsupported("no model list", what="models")

    async def probe(self) -> Probe:
        """Asks the server what it is; raises the `BackendError` that names the fault."""
        raise Unsupported("no probe", what="probe")

    async def count(self, texts: Sequence[str], model: str) -> list[int]:
        """Exact token counts by the server's own tokenizer. Raises Unsupported."""
        raise Unsupported("no remote tokenizer", what="count")
