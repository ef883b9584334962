"""The list of models: asked from the server, or known where a vendor has none."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from core.backends.api_client import ApiClient
from core.backends.documents import at, dicts_at, list_at, number_at, text_at
from core.backends.spec import Spec
from core.backends.types import Model, Unsupported
from core.errors import BadAnswer
from core.reasons import Reason

LONGEST_NAME = 300
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


async def models(api: ApiClient) -> list[Model]:
    """The models of an OpenAI-style server, with what the row knows about them.

    Raises Unsupported where the vendor has no list and we know none.
    """
    spec = api.spec
    if not spec.models.route:
        return known_models(spec)
    apart = spec.models.list_url if api.root == spec.endpoint.url else ""
    url = apart or api.versioned(spec.models.route)
    return [_completed(spec, model) for model in read_models(await api.get(url))]


def known_models(spec: Spec) -> list[Model]:
    """The models that the row names. Raises Unsupported where it names none."""
    if not spec.models.known:
        raise Unsupported(what="models")
    return [_completed(spec, Model(id_)) for id_ in spec.models.known]


def tidied(found: Iterable[Model]) -> list[Model]:
    """Each model once, without those whose ids could be neither stored nor sent."""
    by_id: dict[str, Model] = {}
    for model in found:
        if tidy_name(model.id):
            by_id.setdefault(model.id, replace(model, name=tidy_name(model.name)))
    return list(by_id.values())


def tidy_name(name: str) -> str:
    """The name; empty for one with control characters or halves of letters, or far too long."""
    return name if name.isprintable() and len(name) <= LONGEST_NAME else ""


def _completed(spec: Spec, model: Model) -> Model:
    traits = spec.traits(model.id)
    return Model(
        id=model.id,
        name=model.name,
        context_size=model.context_size or traits.context,
        sees=model.sees if model.sees is not None else traits.sees,
        price=model.price,
        writes=model.writes,
    )


def read_models(document: Any) -> list[Model]:
    """A model list: `{"data": […]}`, `{"models": […]}` or a bare array (Pollinations)."""
    entries = next(
        (found for path in ((), ("data",), ("models",)) if (found := dicts_at(document, *path))), []
    )
    if not entries and not isinstance(at(document, "data"), list):
        raise BadAnswer(Reason.UNEXPECTED_SHAPE)
    return list(_models(entries))


def _models(entries: Iterable[dict[str, Any]]) -> Iterable[Model]:
    for entry in entries:
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
        )


def _writes(entry: dict[str, Any]) -> bool:
    """Whether the vendor says that the model writes text; True where it says nothing."""
    kind = text_at(entry, "type")
    if kind in ("embedding", "embeddings", "image", "audio", "video", "tts", "stt", "moderation"):
        return False
    if "endpoints" in entry and kind == "" and list_at(entry, "endpoints"):
        return any("completions" in str(route) for route in list_at(entry, "endpoints"))
    if at(entry, "capabilities", "completion_chat") is False or entry.get("active") is False:
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
    nested = list_at(entry, "architecture", "output_modalities")
    return nested or list_at(entry, "output_modalities")


def _context(entry: dict[str, Any]) -> int | None:
    sizes = [number_at(entry, *path) for path in _CONTEXT]
    known = next((size for size in sizes if size), None)
    real = number_at(entry, "top_provider", "context_length")
    return min(known, real) if known and real else known


def _sees(entry: dict[str, Any]) -> bool | None:
    for path in (("architecture", "input_modalities"), ("input_modalities",)):
        inputs = at(entry, *path)
        if isinstance(inputs, list):
            return "image" in inputs
    for path in (("capabilities", "vision"), ("metadata", "vision"), ("vision",)):
        said = at(entry, *path)
        if isinstance(said, bool):
            return said
    features = at(entry, "features")
    if isinstance(features, list):
        return any("vision" in str(feature) for feature in features)
    return True if text_at(entry, "type") == "vlm" else None


def _price(entry: dict[str, Any]) -> str:
    prompt = _per_million(at(entry, "pricing", "prompt"))
    reply = _per_million(at(entry, "pricing", "completion"))
    if prompt is None or reply is None:
        return ""
    return "free" if prompt == reply == 0 else f"${prompt:.4g} / ${reply:.4g}"


def _per_million(price: Any) -> float | None:
    """OpenRouter and its kin give dollars for one token, as text."""
    try:
        value = float(price) * 1_000_000
    except (TypeError, ValueError):
        return None
    return value if 0 <= value < 1e6 else None
