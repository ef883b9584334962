"""What answers in a place, and how: connection, row, kind, facts and options read together."""

from dataclasses import dataclass

from core.backends.spec import Spec
from core.chat.place import Place
from core.kind import Kind
from core.models_in_use.backend_pool import BackendPool, ModelFacts, context_size
from core.options.option import Resolved
from core.options.table import CONTEXT_SIZE, KIND, MODEL
from core.services import Services
from core.storage.connections import Connection


@dataclass(frozen=True, slots=True)
class ActiveModel:
    """One place's way to its model."""

    place: Place
    connection: Connection
    spec: Spec
    kind: Kind
    facts: ModelFacts
    options: Resolved

    @property
    def model(self) -> str:
        """The model's name, empty where neither person nor server names one."""
        return self.facts.model

    @property
    def context_size(self) -> int:
        """Tokens of prompt and reply together."""
        return context_size(self.facts, self.options[CONTEXT_SIZE])


async def active_model_of(
    services: Services,
    backend_pool: BackendPool,
    place: Place,
    character_id: int | None = None,
    *,
    patience: float | None = None,
) -> ActiveModel:
    """Reads it; the server is asked unless it has told lately. Raises NotConfigured.

    `patience`: seconds after which a server that does not tell counts as silent.
    """
    options = await services.options.resolve(place, character_id)
    connection = await services.connections.resolve(place, options)
    kind = backend_pool.kind(connection, options[KIND])
    facts = await backend_pool.facts(connection, kind, options[MODEL] or "", patience=patience)
    return ActiveModel(place, connection, backend_pool.spec(connection), kind, facts, options)
