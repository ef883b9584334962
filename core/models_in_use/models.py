"""What answers in a place, asked by commands: connection, model, templates, samplers."""

from collections.abc import Sequence
from typing import Any

from core.backends.types import Model
from core.chat.place import Place
from core.errors import NotConfigured
from core.models_in_use.active_model import ActiveModel
from core.models_in_use.advice import Advice, advice_of
from core.models_in_use.backend_pool import BackendPool
from core.options.table import KIND, MODEL
from core.presets.preset import PresetKind, Templates
from core.services import Services
from core.storage.connections import Connection


class ModelsInUse:
    """`pool` holds the servers behind the connections."""

    def __init__(self, services: Services, pool: BackendPool) -> None:
        self.services = services
        self.pool = pool

    async def connection(self, place: Place) -> Connection | None:
        """What answers here; None where nothing is chosen."""
        options = await self.services.options.resolve(place)
        try:
            return await self.services.connections.resolve(place, options)
        except NotConfigured:
            return None

    async def active(
        self, place: Place, character_id: int | None = None, *, patience: float | None = None
    ) -> ActiveModel:
        """What answers here (or for a character), and how. Raises NotConfigured.

        The server is asked unless it has told lately. `patience`: seconds after which one that
        does not tell counts as silent.
        """
        options = await self.services.options.resolve(place, character_id)
        connection = await self.services.connections.resolve(place, options)
        kind = self.pool.kind(connection, options[KIND])
        facts = await self.pool.facts(connection, kind, options[MODEL] or "", patience=patience)
        return ActiveModel(place, connection, self.pool.spec(connection), kind, facts, options)

    async def templates(self, place: Place) -> Templates:
        """The templates that hold here. Raises NotConfigured."""
        return await self.templates_of(await self.active(place))

    async def templates_of(self, active_model: ActiveModel) -> Templates:
        return await self.services.presets.templates(
            active_model.place,
            active_model.options,
            active_model.kind,
            active_model.model,
            active_model.facts.probe.chat_template,
        )

    async def template_name(self, place: Place, kind: PresetKind) -> str:
        """The template in use of a kind; where instruct is off, the most usual one."""
        return (await self.templates(place)).chosen[kind.value] or "ChatML"

    async def advice(self, active_model: ActiveModel) -> Advice:
        return advice_of(active_model, await self.templates_of(active_model))

    async def samplers(self, active_model: ActiveModel) -> dict[str, Any]:
        return await self.services.presets.samplers(
            active_model.place, active_model.options, active_model.kind
        )

    async def listed(self, place: Place) -> Sequence[Model]:
        """The models of the server that answers here, those for pictures too.

        Raises NotConfigured, Unsupported, BackendError.
        """
        options = await self.services.options.resolve(place)
        connection = await self.services.connections.resolve(place, options)
        return await self.pool.listed(connection, self.pool.kind(connection, options[KIND]))
