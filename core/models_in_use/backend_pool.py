"""The servers behind connections: how they are called, what they say of themselves."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import NamedTuple

from cachetools import LRUCache, TTLCache

from core.backends.backend import Backend
from core.backends.catalog import Catalog
from core.backends.http import Http
from core.backends.models import load_model, unload_model
from core.backends.spec import Spec
from core.backends.types import Model, Probe, Unsupported, Wait
from core.backends.wrap.multigen import Batches, Multigen
from core.backends.wrap.queue import Queued, ReplyQueue
from core.detect import read_name
from core.errors import BackendError, BadAnswer, InvalidOption, NotFound, TavernError, TimedOut
from core.kind import Kind
from core.models_in_use.model_lists import ModelLists
from core.models_in_use.token_counter import TokenCounter
from core.options.table import CONTEXT_SIZE, CONTEXT_WISH, Resolved
from core.prompt.prompt import Prompt
from core.storage.connections import Connection
from core.tokenizers.best_match import REMOTE, Match, best_match
from core.tokenizers.store import TokenizerStore, Watcher
from core.tokenizers.tokenizer import Counter, Estimate, EstimateFactors, Joins

BELIEVED_SECONDS = 300.0
"""How long a server's word about itself holds; a local one may load another model."""
SILENT_SECONDS = 20.0
"""After a failed question the server is not asked again this long."""
SPECIALS_SECONDS = 3.0
"""How long a reply waits to hear what a server puts around each prompt."""
USUAL_CONTEXT = 8192
"""Where neither server nor model tell a size."""
REMOTE_COUNTERS = 32
"""Servers whose counts are remembered."""
UNCOUNTED_SECONDS = 900.0
"""How long a server that does not count is not asked again."""
COUNTS_INSTEAD = "llama"
"""Counts where a server should and does not, if its file is here."""
LARGEST_DEFAULT = 16_384
"""A larger context is taken only where somebody asks for it: it costs memory or money."""


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What is known about a connection's model. Sizes in tokens, None = unknown."""

    model: str
    kind: Kind
    context_size: int | None = None
    known_limit: int | None = None
    """Up to where a model at home is known to be good, by its name."""
    probe: Probe = field(default_factory=Probe)
    fault: TavernError | None = None


@dataclass(frozen=True, slots=True)
class RemoteTokenizer:
    backend: Backend
    model: str
    id: str = REMOTE
    is_exact: bool = True
    joins: Joins = Joins.UNKNOWN

    def count(self, text: str) -> int:
        """Never: a remote count is asked for in batches."""
        raise Unsupported(what="count")

    async def count_many(self, texts: Sequence[str]) -> list[int]:
        return await self.backend.count(texts, self.model)

    def encode(self, text: str) -> list[int]:
        """Nothing: the server tells numbers, not tokens."""
        return []


class BackendPool:
    """Makes backends of connections and remembers what their servers say."""

    def __init__(self, http: Http, catalog: Catalog, tokenizers: TokenizerStore) -> None:
        self.http = http
        self.catalog = catalog
        self.tokenizers = tokenizers
        self._facts: dict[tuple[object, ...], tuple[float, ModelFacts]] = {}
        self._asking: dict[tuple[object, ...], asyncio.Task[ModelFacts]] = {}
        self._running: set[asyncio.Task[ModelFacts]] = set()
        self._remote: LRUCache[tuple[object, ...], TokenCounter] = LRUCache(REMOTE_COUNTERS)
        self._uncounted: TTLCache[tuple[object, ...], BackendError] = TTLCache(
            REMOTE_COUNTERS, UNCOUNTED_SECONDS
        )
        """Servers that have no route to count by, and what they answered."""
        self.estimate_factors = EstimateFactors()
        self._queues: dict[str, ReplyQueue] = {}
        self._lists = ModelLists()

    def spec(self, connection: Connection) -> Spec:
        return self.catalog.get(connection.backend)

    def kind(self, connection: Connection, wish: str | None = None) -> Kind:
        """The kind of request: the wish, the connection's, else the row's first."""
        spec = self.spec(connection)
        for choice in (wish, connection.kind):
            if choice and Kind(choice) in spec.kinds:
                return Kind(choice)
        return spec.default_kind

    def backend(self, connection: Connection, kind: Kind) -> Backend:
        http = self.http.reaching(connection.reach) if connection.reach else self.http
        return self.catalog.create(
            self.spec(connection), kind, http, connection.url, connection.key
        )

    def queued(
        self, connection: Connection, facts: ModelFacts, party: str, batches: Batches | None = None
    ) -> Backend:
        """As `backend`, behind everyone else's requests where the server does few at once.

        `party`: whose request it counts as; places are shared out evenly between parties.
        `batches`: the reply comes in these instead of as a stream.
        """
        backend, spec = self.backend(connection, facts.kind), self.spec(connection)
        if batches is not None:
            backend = Multigen(backend, batches)
        slots = (spec.local and facts.probe.slots) or spec.endpoint.slots
        if not slots:
            return backend
        address = connection.url or spec.endpoint.url
        if not spec.local:
            address += f" {connection.id} {connection.name}"  # each account has its own queue
        queue = self._queues.get(address)
        if queue is None or (queue.slots != slots and not queue.busy):
            queue = self._queues[address] = ReplyQueue(slots)
        return Queued(backend, queue, party)

    async def facts(
        self, connection: Connection, kind: Kind, model: str = "", *, patience: float | None = None
    ) -> ModelFacts:
        """What the server and the row know about the model; never raises BackendError.

        After `patience` seconds a server that has not told yet counts as silent; what it tells
        later is remembered.
        """
        wanted = model or connection.model
        key = (connection.id, connection.version, connection.url, kind, wanted)
        known = self._facts.get(key)
        if known is not None and time.monotonic() < known[0]:
            return known[1]
        asking = self._asking.get(key)
        if asking is None:
            asking = asyncio.create_task(self._ask(connection, kind, wanted))
            self._asking[key] = asking
            self._running.add(asking)
            asking.add_done_callback(lambda asked: self._told(key, asked))
        if not (await asyncio.wait({asking}, timeout=patience))[0]:
            spec = self.spec(connection)
            fault = TimedOut(phase="first", seconds=patience, where=spec.name)
            return ModelFacts(wanted, kind, spec.traits(wanted).context, fault=fault)
        return asking.result()

    def _told(self, key: tuple[object, ...], asked: "asyncio.Task[ModelFacts]") -> None:
        self._running.discard(asked)
        if self._asking.get(key) is not asked:
            return  # forgotten in the meantime
        del self._asking[key]
        if not asked.cancelled() and asked.exception() is None:
            facts = asked.result()
            holds = SILENT_SECONDS if facts.fault else BELIEVED_SECONDS
            self._facts[key] = (time.monotonic() + holds, facts)

    def forget(self, connection: Connection) -> None:
        """The next question is asked anew."""
        for kept in (self._facts, self._asking):
            for key in [key for key in kept if key[0] == connection.id]:
                del kept[key]
        self._lists.forget(
            lambda key: (
                isinstance(key, _ListKey) and (key.id, key.name) == (connection.id, connection.name)
            )
        )

    async def close(self) -> None:
        """Ends the questions that are still under way."""
        running = [*self._running]
        for one in running:
            one.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self._lists.close()

    async def models(self, connection: Connection, kind: Kind) -> list[Model]:
        """The server's models that write. Raises Unsupported or BackendError."""
        return [model for model in await self.listed(connection, kind) if model.writes]

    async def listed(self, connection: Connection, kind: Kind) -> list[Model]:
        """Its models, those for pictures too, as told within the last minute.

        Raises Unsupported or BackendError.
        """
        return await self._lists.get(
            _list_key(connection, kind), self.backend(connection, kind).models
        )

    async def listed_soon(self, connection: Connection, kind: Kind, patience: float) -> list[Model]:
        """As `listed`, but what is known after `patience` seconds; nothing where that fails."""
        ask = self.backend(connection, kind).models
        return await self._lists.soon(_list_key(connection, kind), ask, patience)

    async def load(self, connection: Connection, kind: Kind, name: str) -> AsyncGenerator[Wait]:
        """Has the server load a model; yields how far it is. Raises Unsupported, BackendError."""
        async with aclosing(load_model(self.backend(connection, kind).api, name)) as steps:
            async for delta in steps:
                if delta.wait is not None:
                    yield delta.wait
        self.forget(connection)

    async def unload(self, connection: Connection, kind: Kind) -> None:
        """Has the server unload its model. Raises Unsupported, BackendError."""
        await unload_model(self.backend(connection, kind).api)
        self.forget(connection)

    def match(
        self, connection: Connection, kind: Kind, model: str, override: str | None
    ) -> tuple[Match, str]:
        """The tokenizer for a connection's model, and a choice of somebody's that is unfit."""
        spec = self.spec(connection)
        remote = counts_remotely(spec, kind)
        if override and kind is Kind.TEXT:
            try:
                return best_match(kind, "", model, remote=remote, override=override), ""
            except (InvalidOption, NotFound):
                pass
        return best_match(kind, spec.models.tokenizer, model, remote=remote), override or ""

    async def token_counter(
        self,
        connection: Connection,
        kind: Kind,
        model: str,
        override: str | None = None,
        watch: Watcher | None = None,
    ) -> TokenCounter:
        """Who counts for this connection; `watch` hears of a download that this waits for."""
        match, unfit = self.match(connection, kind, model, override)
        if match.tokenizer == REMOTE:
            return await self._counted_remotely(connection, kind, model, match)
        choice = await self.tokenizers.choose(match.tokenizer, watch)
        factor = 1.0
        if not choice.counter.tokenizer.is_exact:
            factor = self.correction(connection, model)
        return TokenCounter(choice.counter, match, choice.fault, unfit, factor, model)

    def correction(self, connection: Connection, model: str) -> float:
        return self.estimate_factors.factor(corrected(connection, model))

    def correct_estimates(
        self, connection: Connection, model: str, prompt: Prompt, reported: int
    ) -> bool:
        """Takes a server's count of a prompt into account; True where estimates change by it."""
        estimate = Estimate().count
        texts = [message.content for message in prompt.messages] or [prompt.text]
        estimated = sum(map(estimate, texts))
        return self.estimate_factors.learn(corrected(connection, model), estimated, reported)

    def counts_itself(self, connection: Connection, model: str) -> bool:
        """Whether a server that should count is not known to have no route for it."""
        return _counter_key(connection, model) not in self._uncounted

    async def _counted_remotely(
        self, connection: Connection, kind: Kind, model: str, match: Match
    ) -> TokenCounter:
        key = _counter_key(connection, model)
        if fault := self._uncounted.get(key):
            counter = await self.tokenizers.at_hand_counter(COUNTS_INSTEAD) or Counter(Estimate())
            factor = 1.0 if counter.tokenizer.is_exact else self.correction(connection, model)
            return TokenCounter(counter, match, fault, factor=factor, model=model)
        known = self._remote.get(key)
        if known is None or known.match != match:
            backend = self.backend(connection, kind)
            try:
                async with asyncio.timeout(SPECIALS_SECONDS):
                    specials = await _specials(backend, model)
            except BadAnswer as error:
                self._uncounted[key] = error
                return await self._counted_remotely(connection, kind, model, match)
            except (BackendError, TimeoutError):
                specials = 0
            counter = Counter(RemoteTokenizer(backend, model), remote=True)
            known = self._remote[key] = TokenCounter(counter, match, model=model, specials=specials)
        return known

    async def _ask(self, connection: Connection, kind: Kind, model: str) -> ModelFacts:
        spec = self.spec(connection)
        size = spec.traits(model).context
        if spec.models.context == "setting":
            return ModelFacts(model, kind, size)
        backend = self.backend(connection, kind)
        try:
            if spec.models.context == "list":
                found = chosen(await self.models(connection, kind), model)
                if found is None:
                    return ModelFacts(model, kind, size)
                told = Probe(sees=found.sees, parameters=found.parameters)
                return ModelFacts(found.id, kind, found.context_size or size, probe=told)
            probe = await backend.probe(model)
        except (BackendError, Unsupported) as error:
            return ModelFacts(model, kind, size, fault=error)
        name = model or probe.model
        limit = read_name(name).real_context if spec.local else None
        return ModelFacts(name, kind, probe.context_size or size, limit, probe)


def _counter_key(connection: Connection, model: str) -> tuple[object, ...]:
    return (connection.id, connection.name, connection.version, connection.url, model)


async def _specials(backend: Backend, model: str) -> int:
    """What the server puts around each prompt. Raises BadAnswer where it does not count at all."""
    try:
        return await backend.specials(model)
    except Unsupported:
        await backend.count(["a"], model)
        return 0


class _ListKey(NamedTuple):
    """Whose list it is."""

    id: int
    name: str
    version: int
    url: str
    kind: Kind


def _list_key(connection: Connection, kind: Kind) -> _ListKey:
    return _ListKey(connection.id, connection.name, connection.version, connection.url, kind)


def chosen(listed: Sequence[Model], model: str) -> Model | None:
    """The model of this name; where none is named, the only one there is."""
    if not model:
        return listed[0] if len(listed) == 1 else None
    return next((entry for entry in listed if entry.id == model), None)


def context_size(facts: ModelFacts, options: Resolved | None = None) -> int:
    """Tokens of prompt and reply together: the wish as far as the server goes.

    A preset was made for some other model: its wish goes no further than what this one is known
    to have, and gives way to a size that was set for the place, or for a narrower one.
    """
    options = options or Resolved()
    wish, asked = options[CONTEXT_SIZE], options[CONTEXT_WISH]
    if asked is not None and options.is_nearer(CONTEXT_WISH, CONTEXT_SIZE):
        return min(asked, facts.context_size or USUAL_CONTEXT)
    if wish is None:
        known = facts.known_limit or LARGEST_DEFAULT
        return min(facts.context_size or USUAL_CONTEXT, LARGEST_DEFAULT, known)
    return min(wish, facts.context_size) if facts.context_size else wish


def counts_remotely(spec: Spec, kind: Kind) -> bool:
    return bool(spec.models.count) and kind is Kind.TEXT


def corrected(connection: Connection, model: str) -> str:
    """The name under which estimates for a model are corrected."""
    return f"{connection.backend}/{model}"
