"""Finding model servers on this machine, and telling them apart by what they answer."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from core.backends.documents import at, dicts_at, read_json, text_at
from core.backends.http import Http, HttpCall
from core.backends.limits import TimeLimits
from core.backends.models import loaded
from core.errors import BackendError
from core.network import AddressClass

PORTS = (5001, 5000, 8080, 11434, 1234, 8000, 2242)
"""Usual ports: KoboldCpp; text-generation-webui, TabbyAPI and KoboldAI; llama.cpp; Ollama;
LM Studio; vLLM; Aphrodite."""
GLANCE = TimeLimits(first=2.0, silence=1.0, total=3.0, connect=0.7)


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A server that answers. `model` is empty where none is loaded or a key is needed."""

    backend: str
    url: str
    model: str = ""
    version: str = ""


async def find_local(
    http: Http, ports: Sequence[int] = PORTS, host: str = "127.0.0.1"
) -> list[LocalServer]:
    """The servers on their usual ports, in the order of `ports`.

    Only for the bot's owner and the playground: it looks at private addresses.
    """
    near = http.reaching(AddressClass.PRIVATE)
    answers = await asyncio.gather(*(identify(near, f"http://{host}:{port}") for port in ports))
    return [found for found in answers if found is not None]


async def identify(http: Http, url: str) -> LocalServer | None:
    """What kind of server answers at an address; None where nothing does."""
    look = _Look(http, url.rstrip("/"))
    for question in _QUESTIONS:
        found = await question(look)
        if found is not None or look.silent:
            return found
    return None


class _Look:
    """Asks one server; `silent` once it has turned out that nothing answers."""

    def __init__(self, http: Http, url: str) -> None:
        self._http = http
        self.url = url
        self.silent = False

    async def get(self, path: str) -> Any:
        """The JSON at a path, of any status; None where there is none."""
        call = HttpCall("GET", self.url + path, times=GLANCE)
        try:
            async with self._http.open(call) as answer:
                if answer.status >= 500 and answer.status != 503:
                    return None
                text = await answer.text(self._http.limits.size.document)
        except BackendError:
            self.silent |= path == _FIRST
            return None
        with suppress(BackendError):
            return read_json(text)
        return None

    def found(self, backend: str, model: str = "", version: str = "") -> LocalServer:
        return LocalServer(backend, self.url, model, version)


_FIRST = "/api/extra/version"


async def _koboldcpp(look: _Look) -> LocalServer | None:
    said = await look.get(_FIRST)
    if "koboldcpp" not in text_at(said, "result").lower():
        return None
    model = text_at(await look.get("/api/v1/model"), "result")
    return look.found("koboldcpp", loaded(model), text_at(said, "version"))


async def _ollama(look: _Look) -> LocalServer | None:
    version = text_at(await look.get("/api/version"), "version")
    if not version:
        return None
    tags = dicts_at(await look.get("/api/tags"), "models")
    return look.found("ollama", _only(tags, "name"), version)


async def _by_health(look: _Look) -> LocalServer | None:
    """llama.cpp and TabbyAPI answer this one even where they want a key."""
    health = await look.get("/health")
    if isinstance(at(health, "issues"), list):
        return look.found("tabby", text_at(await look.get("/v1/model"), "id"))
    is_loading = text_at(health, "error", "message") == "Loading model"
    if text_at(health, "status") == "ok" or is_loading:
        listed = dicts_at(await look.get("/v1/models"), "data")
        return look.found("llamacpp", _only(listed, "id"))
    return None


async def _textgen(look: _Look) -> LocalServer | None:
    info = await look.get("/v1/internal/model/info")
    if not isinstance(at(info, "model_name"), str):
        return None
    return look.found("textgenwebui", loaded(text_at(info, "model_name")))


async def _lmstudio(look: _Look) -> LocalServer | None:
    models = dicts_at(await look.get("/api/v0/models"), "data")
    if not models:
        return None
    running = (text_at(one, "id") for one in models if text_at(one, "state") == "loaded")
    return look.found("lmstudio", next(running, ""))


async def _by_list(look: _Look) -> LocalServer | None:
    document = await look.get("/v1/models")
    entries = dicts_at(document, "data")
    if not isinstance(at(document, "data"), list):
        return None
    owner = text_at(entries[0], "owned_by").lower() if entries else ""
    known = {"vllm": "vllm", "aphrodite": "aphrodite", "pygmalionai": "aphrodite"}
    return look.found(known.get(owner, "openai-compatible"), _only(entries, "id"))


async def _koboldai(look: _Look) -> LocalServer | None:
    version = text_at(await look.get("/api/v1/info/version"), "result")
    if not version:
        return None
    model = text_at(await look.get("/api/v1/model"), "result")
    return look.found("koboldai", loaded(model), version)


def _only(entries: Sequence[dict[str, Any]], key: str) -> str:
    """The name of the one there is; which of several is meant nobody knows."""
    return text_at(entries[0], key) if len(entries) == 1 else ""


_QUESTIONS: tuple[Callable[[_Look], Awaitable[LocalServer | None]], ...] = (
    _koboldcpp,
    _ollama,
    _by_health,
    _textgen,
    _lmstudio,
    _by_list,
    _koboldai,
)
