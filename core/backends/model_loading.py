"""Loading and unloading a server's models, where it lets us."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from core.backends.backend import Backend
from core.backends.documents import number_at, text_at
from core.backends.stream import deltas
from core.backends.types import Delta, Finish, Unsupported, Wait, WaitReason
from core.errors import Overloaded


@dataclass(frozen=True, slots=True)
class _Routes:
    load: str
    unload: str
    body: Callable[[str], dict[str, Any]]


_ROUTES = {
    "tabby": _Routes("/v1/model/load", "/v1/model/unload", lambda name: {"model_name": name}),
    "textgen": _Routes(
        "/v1/internal/model/load", "/v1/internal/model/unload", lambda name: {"model_name": name}
    ),
}


def can_load(backend: Backend) -> bool:
    """Whether models are loaded through this backend's server."""
    return backend.spec.models.admin in _ROUTES


async def load(backend: Backend, name: str) -> AsyncGenerator[Delta]:
    """Loads a model; yields `Delta(wait=…)` with the share that is done, where it is told.

    Needs the server's admin key. Raises Unsupported or a BackendError.
    """
    routes, api = _routes(backend), backend.api
    async with api.reply(api.root + routes.load, routes.body(name), name) as response:
        if response.content_type != "text/event-stream":
            await response.text(response.size_limits.document)
            yield Delta(finish=Finish.STOP)
            return
        async with aclosing(deltas(response, api, _read, model=name)) as steps:
            async for delta in steps:
                yield delta


async def unload(backend: Backend) -> None:
    """Unloads the model. Raises Unsupported or a BackendError."""
    api = backend.api
    call = api.call("POST", _routes(backend).unload, {}, times=api.patient())
    async with backend.http.ok(call) as response:
        await response.text(response.size_limits.document)


def _routes(backend: Backend) -> _Routes:
    found = _ROUTES.get(backend.spec.models.admin)
    if found is None:
        name = backend.spec.name
        raise Unsupported("models are not loaded through this server", what="load", where=name)
    return found


def _read(frame: dict[str, Any]) -> Delta:
    status = text_at(frame, "status")
    if status == "failed":
        raise Overloaded("the model could not be loaded")
    done, of = number_at(frame, "module") or 0, number_at(frame, "modules") or 0
    wait = Wait(WaitReason.LOADING, percent=100 * done // of) if of else None
    return Delta(wait=wait, finish=Finish.STOP if status == "finished" else None)
