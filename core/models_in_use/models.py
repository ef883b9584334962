"""What answers in a place, asked by commands: connection, model, templates, advice, counts."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.backends.spec import Spec
from core.backends.types import Model
from core.chat.place import Actor, Place
from core.detect import ModelName, Proposal, propose, read_name
from core.errors import BackendError, NotConfigured, TavernError
from core.kind import Kind
from core.models_in_use.backend_pool import BackendPool, ModelFacts, context_size
from core.models_in_use.token_counter import TokenCounter, prime
from core.options.table import (
    CONTEXT_SIZE,
    CONTEXT_TEMPLATE,
    INSTRUCT_TEMPLATE,
    KIND,
    MODEL,
    TOKENIZER,
    Resolved,
)
from core.presets.preset import PresetKind, Templates
from core.services import Services
from core.services.options import OptionService
from core.storage.connections import Connection
from core.tokenizers.store import Watcher
from core.tokenizers.tokenizer import Estimate


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
        return context_size(self.facts, self.options)

    @property
    def longest_reply(self) -> int | None:
        """Tokens that the account, the workers or the model allow for a reply at most."""
        return self.facts.probe.longest_reply or self.spec.traits(self.model).max_reply

    def fitting_reply(self, wished: int) -> int:
        """As much of a wished length as is really asked for: half the context is the prompt's."""
        size = self.context_size
        return min(wished, max(1, size // 2), self.longest_reply or size)


@dataclass(frozen=True, slots=True)
class Advice:
    """What to say about the model that answers. Empty parts need no words."""

    model: ModelName
    proposal: Proposal | None = None
    """Only where it differs from what is in use."""
    beyond: int | None = None
    """The context up to which the model is good, where more is in use."""
    wished: int | None = None
    """The context asked for, where the server gives less."""


def _proposal(active_model: ActiveModel, templates: Templates) -> Proposal | None:
    if active_model.kind is not Kind.TEXT:
        return None
    found = propose(active_model.model, active_model.facts.probe.chat_template)
    if found is None or found.instruct == templates.chosen[PresetKind.INSTRUCT.value]:
        return None
    counts_itself = bool(active_model.spec.models.count) or bool(active_model.options[TOKENIZER])
    return found if not counts_itself else Proposal(found.instruct, found.context, "", found.source)


async def use_proposal(
    options: OptionService, actor: Actor, place: Place, proposal: Proposal
) -> None:
    """Uses the proposed templates and tokenizer here. Raises NotAllowed."""
    await options.set(actor, place, INSTRUCT_TEMPLATE, proposal.instruct)
    if proposal.context:
        await options.set(actor, place, CONTEXT_TEMPLATE, proposal.context)
    if proposal.tokenizer:
        await options.set(actor, place, TOKENIZER, proposal.tokenizer)


@dataclass(frozen=True, slots=True)
class TokenCount:
    """A count and what it rests on. `fault` is why the server did not count."""

    tokens: int
    characters: int
    token_counter: TokenCounter
    fault: TavernError | None = None

    @property
    def is_exact(self) -> bool:
        return self.token_counter.is_exact and self.fault is None

    @property
    def ratio(self) -> float:
        return self.characters / self.tokens if self.tokens else 0.0


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
        return await self.on(place, connection, options, patience=patience)

    async def on(
        self,
        place: Place,
        connection: Connection,
        options: Resolved,
        *,
        wishes: bool = True,
        patience: float | None = None,
    ) -> ActiveModel:
        """What answers on this connection.

        `wishes`: whether the options' kind and model hold; they are meant for the connection that
        is chosen, not for one that it falls back to.
        """
        kind_wish, model_wish = (options[KIND], options[MODEL]) if wishes else (None, None)
        kind = self.pool.kind(connection, kind_wish)
        facts = await self.pool.facts(connection, kind, model_wish or "", patience=patience)
        return ActiveModel(place, connection, self.pool.spec(connection), kind, facts, options)

    async def token_counter(
        self, active_model: ActiveModel, watch: Watcher | None = None
    ) -> TokenCounter:
        """Who counts for the model; `watch` hears of a download that this waits for."""
        return await self.pool.token_counter(
            active_model.connection,
            active_model.kind,
            active_model.model,
            active_model.options[TOKENIZER],
            watch,
        )

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
        """Compares the model with the templates and sizes in use."""
        name = read_name(active_model.model)
        real = name.real_context if active_model.spec.local else None
        wish = active_model.options[CONTEXT_SIZE]
        served = active_model.facts.context_size
        return Advice(
            model=name,
            proposal=_proposal(active_model, await self.templates_of(active_model)),
            beyond=real if real is not None and active_model.context_size > real else None,
            wished=wish if wish is not None and served is not None and wish > served else None,
        )

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

    async def listed_soon(self, place: Place, patience: float) -> Sequence[Model]:
        """As `listed`, but what is known after `patience` seconds. Raises NotConfigured."""
        options = await self.services.options.resolve(place)
        connection = await self.services.connections.resolve(place, options)
        kind = self.pool.kind(connection, options[KIND])
        return await self.pool.listed_soon(connection, kind, patience)

    async def count_tokens(
        self, active_model: ActiveModel, text: str, watch: Watcher | None = None
    ) -> TokenCount:
        counter = await self.token_counter(active_model, watch)
        try:
            await prime(counter.counter, (text,))
        except BackendError as error:
            return TokenCount(Estimate().count(text), len(text), counter, error)
        tokens = counter.counter.known(text) or 0
        return TokenCount(math.ceil(tokens * counter.factor), len(text), counter)
