"""The models of a server: their list, what it says of the one it runs, loading another."""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import aclosing
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from core.backends.api_client import ApiClient
from core.backends.documents import at, dicts_at, list_at, number_at, text_at
from core.backends.spec import Spec, Traits
from core.backends.stream import deltas
from core.backends.types import Delta, Finish, Model, Probe, Unsupported, Wait, WaitReason
from core.errors import BackendError, BadAnswer, KeyRejected, Overloaded, Unreachable
from core.reasons import Reason

LONGEST_NAME = 300
FREE = "free"
"""The price of what costs nothing."""
MOST_SLOTS = 256
"""More are a slip; each of them is kept account of."""
_ADMIN_ROOTS = {"tabby": "/v1/model", "textgen": "/v1/internal/model"}
"""Where a kind of server loads and unloads."""
_PLAIN = frozenset({"id", "object", "created", "owned_by"})
"""What tells nothing but the name."""
_DRAWS = re.compile(r"dall-e|image")
_CONTEXT = (
    ("context_length",),
    ("max_context_length",),
    ("context_window",),
    ("max_model_len",),
    ("meta", "n_ctx"),
    ("limits", "context"),
    ("info", "contextLength"),
    ("tokens",),
    ("max_input_tokens",),
)


async def list_models(api: ApiClient) -> list[Model]:
    """The models of an OpenAI-style server, with what the row knows about them.

    Raises Unsupported where the vendor has no list and we know none.
    """
    spec = api.spec
    if not spec.models.route:
        return known_models(spec)
    apart = spec.models.list_url if api.root == spec.endpoint.url else ""
    url = apart or api.versioned(spec.models.route)
    document = await api.get(url)
    # A list of fifty thousand takes a second to read; others are served meanwhile.
    return await asyncio.to_thread(_read_list, spec, document)


def _read_list(spec: Spec, document: Any) -> list[Model]:
    by_rules: dict[tuple[str, ...], Traits] = {}
    apart = re.compile(spec.models.apart) if spec.models.apart else None
    found = []
    for model in read_models(document, spec.name):
        id_ = model.id.lower()
        # Most models of a list share their traits; making them anew for each is slow.
        rules = tuple(rule.match for rule in spec.models.rules if rule.pattern.search(id_))
        traits = by_rules.get(rules)
        if traits is None:
            traits = by_rules[rules] = spec.traits(model.id)
        completed = _completed(model, traits)
        if apart is not None and apart.search(id_):
            completed = replace(completed, writes=False, draws=bool(_DRAWS.search(id_)))
        found.append(completed)
    return found


def known_models(spec: Spec) -> list[Model]:
    """The models that the row names. Raises Unsupported where it names none."""
    if not spec.models.known:
        raise Unsupported(what="models")
    return [_completed(Model(id_), spec.traits(id_)) for id_ in spec.models.known]


def only_model(probe: Probe) -> list[Model]:
    """The list of a server that has one model loaded, or none."""
    found = Model(probe.model, context_size=probe.context_size, sees=probe.sees)
    return [found] if probe.model else []


def tidied(found: Iterable[Model]) -> list[Model]:
    """Each model once, without those whose ids could be neither stored nor sent."""
    by_id: dict[str, Model] = {}
    for model in found:
        if tidy_name(model.id) and model.id not in by_id:
            name = tidy_name(model.name)
            by_id[model.id] = model if name == model.name else replace(model, name=name)
    return list(by_id.values())


def tidy_name(name: str) -> str:
    """The name; empty for one with control characters or halves of letters, or far too long."""
    return name if name.isprintable() and len(name) <= LONGEST_NAME else ""


def _completed(model: Model, traits: Traits) -> Model:
    """The model with what the row knows where the server does not tell."""
    size = model.context_size or traits.context
    sees = traits.sees if model.sees is None else model.sees
    if (size, sees) == (model.context_size, model.sees):
        return model
    return replace(model, context_size=size, sees=sees)


def read_models(document: Any, where: str) -> list[Model]:
    """A model list: `{"data": […]}`, `{"models": […]}` or a bare array (Pollinations)."""
    entries = next(
        (found for path in ((), ("data",), ("models",)) if (found := dicts_at(document, *path))), []
    )
    if not entries and not isinstance(at(document, "data"), list):
        raise BadAnswer(Reason.UNEXPECTED_SHAPE, where=where)
    return list(_models(entries))


def _models(entries: Iterable[dict[str, Any]]) -> Iterable[Model]:
    for entry in entries:
        if entry.keys() <= _PLAIN and (plain := text_at(entry, "id")):
            yield Model(plain)
            continue
        id_ = text_at(entry, "id") or text_at(entry, "name")
        writes = _writes(entry)
        if not id_ or not (writes or _draws(entry)):
            continue
        name = text_at(entry, "info", "name") or text_at(entry, "name")
        yield Model(
            id=id_,
            name="" if name == id_ else name,
            context_size=_context(entry),
            sees=_sees(entry),
            price=_price(entry),
            writes=writes,
            draws=not writes,
            parameters=_parameters(entry),
        )


def _writes(entry: dict[str, Any]) -> bool:
    """Whether the vendor says that the model writes text; True where it says nothing."""
    kind = text_at(entry, "type")
    if kind in ("embedding", "embeddings", "image", "audio", "video", "tts", "stt", "moderation"):
        return False
    if "endpoints" in entry and kind == "" and list_at(entry, "endpoints"):
        return any("completions" in str(route) for route in list_at(entry, "endpoints"))
    is_off = "capabilities" in entry and at(entry, "capabilities", "completion_chat") is False
    if is_off or entry.get("active") is False:
        return False
    outputs = _outputs(entry)
    return not outputs or "text" in outputs


def _draws(entry: dict[str, Any]) -> bool:
    """Whether the vendor says that the model makes pictures."""
    if entry.get("active") is False:
        return False
    is_said = text_at(entry, "type") == "image" or "image" in _outputs(entry)
    return is_said or any("images/generations" in str(one) for one in list_at(entry, "endpoints"))


def _outputs(entry: dict[str, Any]) -> list[Any]:
    nested = list_at(entry, "architecture", "output_modalities") if "architecture" in entry else []
    return nested or (list_at(entry, "output_modalities") if "output_modalities" in entry else [])


def _context(entry: dict[str, Any]) -> int | None:
    sizes = (number_at(entry, *path) for path in _CONTEXT if path[0] in entry)
    known = next((size for size in sizes if size), None)
    if "top_provider" not in entry:
        return known
    real = number_at(entry, "top_provider", "context_length")
    return min(known, real) if known and real else known


def _sees(entry: dict[str, Any]) -> bool | None:
    for path in (("architecture", "input_modalities"), ("input_modalities",)):
        if path[0] in entry and isinstance(inputs := at(entry, *path), list):
            return "image" in inputs
    for path in (("capabilities", "vision"), ("metadata", "vision"), ("vision",)):
        if path[0] in entry and isinstance(said := at(entry, *path), bool):
            return said
    features = at(entry, "features")
    if isinstance(features, list):
        return any("vision" in str(feature) for feature in features)
    return True if text_at(entry, "type") == "vlm" else None


def _parameters(entry: dict[str, Any]) -> frozenset[str] | None:
    """What of a request the model takes, where the vendor tells (OpenRouter)."""
    told = at(entry, "supported_parameters")
    return frozenset(str(one) for one in told) if isinstance(told, list) and told else None


def _price(entry: dict[str, Any]) -> str:
    if "pricing" not in entry:
        return ""
    prompt = _per_million(at(entry, "pricing", "prompt"))
    reply = _per_million(at(entry, "pricing", "completion"))
    if prompt is None or reply is None:
        return ""
    return FREE if prompt == reply == 0 else f"${prompt:.4g} / ${reply:.4g}"


def _per_million(price: Any) -> float | None:
    """OpenRouter and its kin give dollars for one token, as text."""
    try:
        value = float(price) * 1_000_000
    except (TypeError, ValueError):
        return None
    return value if 0 <= value < 1e6 else None


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
    found = await list_models(api)
    only = found[0] if found and (len(found) == 1 or not api.spec.models.required) else None
    chosen = next((entry for entry in found if entry.id == model), None if model else only)
    if chosen is None:
        return Probe(context_size=traits.context, sees=traits.sees)
    return Probe(chosen.id, chosen.context_size, sees=chosen.sees, parameters=chosen.parameters)


async def _by_props(api: ApiClient, model: str) -> Probe:
    listed = await list_models(api)
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
    if info is None:
        return Probe(model=loaded(next((one.id for one in await list_models(api)), "")))
    return Probe(model=loaded(text_at(info, "model_name")))


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


async def load_model(api: ApiClient, name: str) -> AsyncGenerator[Delta]:
    """Loads a model; yields `Delta(wait=…)` with the share that is done, where it is told.

    Needs the server's admin key. Raises Unsupported or a BackendError.
    """
    async with api.reply(_admin_root(api) + "/load", {"model_name": name}, name) as response:
        if response.content_type != "text/event-stream":
            await response.text(response.size_limits.document)
            yield Delta(finish=Finish.STOP)
            return
        async with aclosing(deltas(response, api, _read_progress, model=name)) as steps:
            async for delta in steps:
                yield delta


async def unload_model(api: ApiClient) -> None:
    """Unloads the model. Raises Unsupported or a BackendError."""
    call = api.call("POST", _admin_root(api) + "/unload", {}, times=api.patient())
    async with api.http.ok(call) as response:
        await response.text(response.size_limits.document)


def _admin_root(api: ApiClient) -> str:
    if not api.spec.models.admin:
        raise Unsupported(what="load", where=api.spec.name)
    return _ADMIN_ROOTS[api.spec.models.admin]


def _read_progress(frame: dict[str, Any]) -> Delta:
    status = text_at(frame, "status")
    if status == "failed":
        raise Overloaded(Reason.MODEL_NOT_LOADED)
    done, of = number_at(frame, "module") or 0, number_at(frame, "modules") or 0
    wait = Wait(WaitReason.LOADING, percent=100 * done // of) if of else None
    return Delta(wait=wait, finish=Finish.STOP if status == "finished" else None)
