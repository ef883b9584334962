"""What answers in a place, and how: connection, row, kind, facts and options read together."""

from dataclasses import dataclass

from core.backends.spec import Spec
from core.chat.place import Place
from core.kind import Kind
from core.models_in_use.backend_pool import ModelFacts, context_size
from core.options.option import Resolved
from core.options.table import CONTEXT_SIZE
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
