"""What a server says about itself: model, context size, version."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from core.backends.base import Model, Probe
from core.backends.documents import at, dicts_at, number_at, text_at
from core.backends.line import Line
from core.backends.listing import models
from core.errors import BackendError, KeyRejected, Unreachable

MOST_SLOTS = 256
"""More are a slip; each of them is kept account of."""


async def probe(line: Line, model: str = "") -> Probe:
    """Asks in the way the row names. Raises the BackendError that names the fault."""
    return await _WAYS.get(line.spec.models.context, _by_list)(line, model)


async def try_get(line: Line, url: str) -> Any:
    """The JSON at an address that a server need not have; None instead of most errors."""
    try:
        return await line.get(url)
    except (KeyRejected, Unreachable):
        raise
    except BackendError:
        return None


async def _by_list(line: Line, model: str) -> Probe:
    traits = line.spec.traits(model)
    if not line.spec.models.route:
        return Probe(model=model, context_size=traits.context, sees=traits.sees)
    found = await models(line)
    only = found[0] if found and (len(found) == 1 or not line.spec.models.required) else None
    chosen = next((entry for entry in found if entry.id == model), None if model else only)
    details = {"models": str(len(found))}
    if chosen is None:
        return Probe(context_size=traits.context, sees=traits.sees, details=details)
    return Probe(chosen.id, chosen.context_size, sees=chosen.sees, details=details)


async def _by_props(line: Line, model: str) -> Probe:
    listed = await models(line)
    found = next((entry for entry in listed if entry.id == model), next(iter(listed), Model("")))
    # A router has several models and has to be told which one is meant.
    query = f"?model={quote(found.id, safe='')}" if len(listed) > 1 else ""
    props = await try_get(line, f"/props{query}")
    return Probe(
        model=found.id,
        context_size=number_at(props, "default_generation_settings", "n_ctx") or found.context_size,
        version=text_at(props, "build_info"),
        slots=min(number_at(props, "total_slots") or 1, MOST_SLOTS),
        # An old build ended the template with NUL instead of a newline.
        chat_template=text_at(props, "chat_template").replace("\0", ""),
        sees=_flag(at(props, "modalities", "vision")),
    )


async def _by_tabby(line: Line, model: str) -> Probe:
    card = await line.get(line.versioned("/model"))
    props = await try_get(line, "/props")
    return Probe(
        model=text_at(card, "id"),
        context_size=number_at(card, "parameters", "max_seq_len"),
        chat_template=text_at(props, "chat_template"),
        sees=_flag(at(card, "parameters", "use_vision")),
        details={"template": text_at(card, "parameters", "prompt_template")},
    )


async def _by_textgen(line: Line, model: str) -> Probe:
    info = await try_get(line, line.versioned("/internal/model/info"))
    name = text_at(info, "model_name")
    if info is None:
        name = (await _first(line)).id
    model = "" if name == "None" else name
    return Probe(model=model, details={"loader": text_at(info, "loader")})


async def _by_lmstudio(line: Line, model: str) -> Probe:
    native = await try_get(line, "/api/v0/models")
    written = [one for one in dicts_at(native, "data") if text_at(one, "type") != "embeddings"]
    loaded = [one for one in written if text_at(one, "state") == "loaded"]
    named = [one for one in written if text_at(one, "id") == model]
    entry = next(iter(named or loaded), None)
    if entry is None:
        return await _by_list(line, model)
    return Probe(
        model=text_at(entry, "id"),
        context_size=number_at(entry, "loaded_context_length")
        or number_at(entry, "max_context_length"),
        sees=text_at(entry, "type") == "vlm",
    )


async def _by_koboldcpp(line: Line, model: str) -> Probe:
    version = await line.get("/api/extra/version")
    name = text_at(await line.get("/api/v1/model"), "result")
    context = await try_get(line, "/api/extra/true_max_context_length")
    props = await try_get(line, "/props")  # newer builds, in llama.cpp's shape
    inactive = name.rpartition("/")[2].lower() in ("inactive", "none", "readonly")
    return Probe(
        model="" if inactive else name,
        context_size=number_at(context, "value"),
        version=text_at(version, "version"),
        chat_template=text_at(props, "chat_template"),
        sees=_flag(at(version, "vision")),
        details={"product": text_at(version, "result")},
    )


async def _first(line: Line) -> Model:
    return next(iter(await models(line)), Model(""))


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


_WAYS: dict[str, Callable[[Line, str], Awaitable[Probe]]] = {
    "props": _by_props,
    "koboldcpp": _by_koboldcpp,
    "tabby": _by_tabby,
    "textgen": _by_textgen,
    "lmstudio": _by_lmstudio,
}
