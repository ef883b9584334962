"""Loading and unloading a server's models, where it lets us."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from core.backends.backend import Backend
from core.backends.documents import number_at, text_at
from core.backends.stream import deltas
from core.backends.types import Delta, Finish, Unsupported, Wait, WaitReason
from core.errors import Overloaded
from core.reasons import Reason

_ROOTS = {"tabby": "/v1/model", "textgen": "/v1/internal/model"}
"""Where a kind of server loads and unloads."""


async def load(backend: Backend, name: str) -> AsyncGenerator[Delta]:
    """Loads a model; yields `Delta(wait=…)` with the share that is done, where it is told.

    Needs the server's admin key. Raises Unsupported or a BackendError.
    """
    route, api = _root(backend) + "/load", backend.api
    async with api.reply(route, {"model_name": name}, name) as response:
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
    call = api.call("POST", _root(backend) + "/unload", {}, times=api.patient())
    async with backend.http.ok(call) as response:
        await response.text(response.size_limits.document)


def _root(backend: Backend) -> str:
    found = _ROOTS.get(backend.spec.models.admin)
    if found is None:
        name = backend.spec.name
        raise Unsupported(what="load", where=name)
    return found


def _read(frame: dict[str, Any]) -> Delta:
    status = text_at(frame, "status")
    if status == "failed":
        raise Overloaded(Reason.MODEL_NOT_LOADED)
    done, of = number_at(frame, "module") or 0, number_at(frame, "modules") or 0
    wait = Wait(WaitReason.LOADING, percent=100 * done // of) if of else None
    return Delta(wait=wait, finish=Finish.STOP if status == "finished" else None)
