"""The list of models: asked from the server, or known where a vendor has none."""

from core.backends.base import Model, Unsupported
from core.backends.line import Line
from core.backends.openai_frames import read_models


async def models(line: Line) -> list[Model]:
    """The models of an OpenAI-style server, with what the row knows about them.

    Raises Unsupported where the vendor has no list and we know none.
    """
    spec = line.spec
    if not spec.models:
        if not spec.known_models:
            raise Unsupported("no model list", what="models")
        return [_known(line, Model(id_)) for id_ in spec.known_models]
    url = spec.models if "://" in spec.models else line.versioned(spec.models)
    return [_known(line, model) for model in read_models(await line.get(url))]


def _known(line: Line, model: Model) -> Model:
    traits = line.spec.traits(model.id)
    return Model(
        id=model.id,
        name=model.name,
        context_size=model.context_size or traits.context,
        sees=model.sees if model.sees is not None else traits.sees,
        price=model.price,
    )
