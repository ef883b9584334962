"""The list of models: asked from the server, or known where a vendor has none."""

from collections.abc import Iterable
from dataclasses import replace

from core.backends.base import Model, Unsupported
from core.backends.line import Line
from core.backends.openai_frames import read_models
from core.backends.spec import Spec

LONGEST_NAME = 300


async def models(line: Line) -> list[Model]:
    """The models of an OpenAI-style server, with what the row knows about them.

    Raises Unsupported where the vendor has no list and we know none.
    """
    spec = line.spec
    if not spec.models.route:
        return known_models(spec)
    apart = spec.models.list_url if line.root == spec.endpoint.url else ""
    url = apart or line.versioned(spec.models.route)
    return [_completed(spec, model) for model in read_models(await line.get(url))]


def known_models(spec: Spec) -> list[Model]:
    """The models that the row names. Raises Unsupported where it names none."""
    if not spec.models.known:
        raise Unsupported("no model list", what="models")
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
