"""What answers in a place, and how: connection, row, kind, facts and options read together."""

from dataclasses import dataclass

from core.backends.base import Kind
from core.backends.spec import Spec
from core.chat.place import Place
from core.engine.servers import Facts, Servers, context_size
from core.option import Resolved
from core.options import CONTEXT_SIZE, KIND, MODEL
from core.services import Services
from core.storage.connections import Connection


@dataclass(frozen=True, slots=True)
class Standing:
    """One place's way to its model."""

    place: Place
    connection: Connection
    spec: Spec
    kind: Kind
    facts: Facts
    options: Resolved

    @property
    def model(self) -> str:
        """The model's name, empty where neither person nor server names one."""
        return self.facts.model

    @property
    def context_size(self) -> int:
        """Tokens of prompt and reply together."""
        return context_size(self.facts, self.options[CONTEXT_SIZE])


async def standing_of(
    services: Services,
    servers: Servers,
    place: Place,
    character_id: int | None = None,
    *,
    patience: float | None = None,
) -> Standing:
    """Reads it; the server is asked unless it has told lately. Raises NotConfigured.

    `patience`: seconds after which a server that does not tell counts as silent.
    """
    options = await services.options.resolve(place, character_id)
    connection = await services.connections.resolve(place, options)
    kind = servers.kind(connection, options[KIND])
    facts = await servers.facts(connection, kind, options[MODEL] or "", patience=patience)
    return Standing(place, connection, servers.spec(connection), kind, facts, options)
