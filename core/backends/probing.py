"""What a server says about itself: model, context size, version."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from core.backends.api_client import ApiClient
from core.backends.documents import at, dicts_at, number_at, text_at
from core.backends.model_list import models
from core.backends.types import Model, Probe
from core.errors import BackendError, KeyRejected, Unreachable

MOST_SLOTS = 256
"""More are a slip; each of them is kept account of."""


async def probe(api: ApiClient, model: str = "") -> Probe:
    """Asks in the way the row names. Raises the BackendError that names the fault."""
    return await _WAYS.get(api.spec.models.context, _by_list)(api, model)


async def try_get(api: ApiClient, url: str) -> Any:
    """The JSON at an address that a server need not have; None instead of most errors."""
    try:
        return await api.get(url)
    except (KeyRejected, Unreachable):
        raise
    except BackendError:
        return None


async def _by_list(api: ApiClient, model: str) -> Probe:
    traits = api.spec.traits(model)
    if not api.spec.models.route:
        return Probe(model=model, context_size=traits.context, sees=traits.sees)
    found = await models(api)
    only = found[0] if found and (len(found) == 1 or not api.spec.models.required) else None
    chosen = next((entry for entry in found if entry.id == model), None if model else only)
    if chosen is None:
        return Probe(context_size=traits.context, sees=traits.sees)
    return Probe(chosen.id, chosen.context_size, sees=chosen.sees)


async def _by_props(api: ApiClient, model: str) -> Probe:
    listed = await models(api)
    found = next((entry for entry in listed if entry.id == model), next(iter(listed), Model("")))
    # A router has several models and has to be told which one is meant.
    query = f"?model={quote(found.id, safe='')}" if len(listed) > 1 else ""
    props = await try_get(api, f"/props{query}")
    return Probe(
        model=found.id,
        context_size=number_at(props, "default_generation_settings", "n_ctx") or found.context_size,
        version=text_at(props, "build_info"),
        slots=min(number_at(props, "total_slots") or 1, MOST_SLOTS),
        # An old build ended the template with NUL instead of a newline.
        chat_template=text_at(props, "chat_template").replace("\0", ""),
        sees=_flag(at(props, "modalities", "vision")),
    )


async def _by_tabby(api: ApiClient, model: str) -> Probe:
    card = await api.get(api.versioned("/model"))
    props = await try_get(api, "/props")
    return Probe(
        model=text_at(card, "id"),
        context_size=number_at(card, "parameters", "max_seq_len"),
        chat_template=text_at(props, "chat_template"),
        sees=_flag(at(card, "parameters", "use_vision")),
    )


async def _by_textgen(api: ApiClient, model: str) -> Probe:
    info = await try_get(api, api.versioned("/internal/model/info"))
    name = text_at(info, "model_name")
    if info is None:
        name = next((one.id for one in await models(api)), "")
    return Probe(model=loaded(name))


async def _by_lmstudio(api: ApiClient, model: str) -> Probe:
    native = await try_get(api, "/api/v0/models")
    written = [one for one in dicts_at(native, "data") if text_at(one, "type") != "embeddings"]
    loaded = [one for one in written if text_at(one, "state") == "loaded"]
    named = [one for one in written if text_at(one, "id") == model]
    entry = next(iter(named or loaded), None)
    if entry is None:
        return await _by_list(api, model)
    return Probe(
        model=text_at(entry, "id"),
        context_size=number_at(entry, "loaded_context_length")
        or number_at(entry, "max_context_length"),
        sees=text_at(entry, "type") == "vlm",
    )


async def _by_koboldcpp(api: ApiClient, model: str) -> Probe:
    version = await api.get("/api/extra/version")
    name = text_at(await api.get("/api/v1/model"), "result")
    context = await try_get(api, "/api/extra/true_max_context_length")
    props = await try_get(api, "/props")  # newer builds, in llama.cpp's shape
    return Probe(
        model=loaded(name),
        context_size=number_at(context, "value"),
        version=text_at(version, "version"),
        chat_template=text_at(props, "chat_template"),
        sees=_flag(at(version, "vision")),
    )


def loaded(name: str) -> str:
    """The name; empty for those that servers give to having no model."""
    return "" if name.rpartition("/")[2].lower() in ("inactive", "none", "readonly") else name


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


_WAYS: dict[str, Callable[[ApiClient, str], Awaitable[Probe]]] = {
    "props": _by_props,
    "koboldcpp": _by_koboldcpp,
    "tabby": _by_tabby,
    "textgen": _by_textgen,
    "lmstudio": _by_lmstudio,
}
