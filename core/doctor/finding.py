"""What the doctor tells: faults and their remedies, and a few words from the model, timed.

Facts only; the sentences are made in the bot."""

import time
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from enum import StrEnum

from core.backends.types import Request, WireMessage
from core.chat.place import Actor
from core.detect import Proposal
from core.errors import BackendError, TavernError
from core.kind import Kind
from core.models_in_use.backend_pool import BackendPool, context_size
from core.models_in_use.models import ActiveModel, use_proposal
from core.options.table import CONTEXT_SIZE, KIND
from core.reply.output_filter import OutputFilter, OutputRules
from core.samplers.table import defaults
from core.secret import Secret
from core.services import Services


class Fault(StrEnum):
    NO_ADDRESS = "no-address"
    OFFLINE = "offline"
    API_OFF = "api-off"
    GUI_PORT = "gui-port"
    OTHER_PORT = "other-port"
    CONTAINER = "container"
    OTHER_LOOPBACK = "other-loopback"
    """`localhost` means two addresses; the server listens on the other one."""
    NO_HOST = "no-host"
    NO_CONTAINER_HOST = "no-container-host"
    """The name of the machine around a container is not known in this one."""
    NOT_SECURE = "not-secure"
    """The address says https, the server speaks http."""
    PATH = "path"
    OTHER_SERVER = "other-server"
    NO_API = "no-api"
    """Something answers, but no model server."""
    NO_KEY = "no-key"
    WRONG_KEY = "wrong-key"
    BEARER = "bearer"
    KEY_AS_MODEL = "key-as-model"
    WRONG_KIND = "wrong-kind"
    NO_MODEL = "no-model"
    UNKNOWN_MODEL = "unknown-model"
    SMALL_CONTEXT = "small-context"
    BEYOND_LIMIT = "beyond-limit"
    TEMPLATE = "template"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Fix:
    """One change that would help; only the parts that change are set."""

    url: str = ""
    backend: str = ""
    kind: Kind | None = None
    model: str = ""
    context_size: int | None = None
    proposal: Proposal | None = None
    new_address: bool = False
    """An address has to be entered."""
    new_key: bool = False
    """A key has to be entered."""
    trim_key: bool = False
    """The key is kept without `Bearer`."""
    name: str = ""
    """What people call the server that would be used."""

    @property
    def changes_connection(self) -> bool:
        """Whether the saved connection becomes another one, for all who use it."""
        return bool(self.url or self.backend or self.trim_key)


@dataclass(frozen=True, slots=True)
class Finding:
    """`facts` fill the sentence. Grave ones keep replies from coming at all."""

    fault: Fault
    facts: Mapping[str, str] = field(default_factory=dict)
    fix: Fix | None = None
    grave: bool = True
    error: TavernError | None = None


async def apply_fix(services: Services, actor: Actor, active_model: ActiveModel, fix: Fix) -> bool:
    """Makes the change on the connection itself, whoever uses it.

    True where a key was dropped because the address changed.

    Raises NotAllowed and what saving a connection raises.
    """
    place, connection, options = active_model.place, active_model.connection, services.options
    dropped = False
    is_moved = bool(connection.id) and fix.backend in ("", connection.backend)
    if fix.url and is_moved:
        saved = await services.connections.set_address(actor, place, connection, fix.url)
        connection, dropped = saved.connection, saved.dropped
    elif fix.url or fix.backend:
        saved = await services.connections.save(
            actor,
            place,
            backend=fix.backend or connection.backend,
            url=fix.url or connection.url,
        )
        if fix.backend and fix.backend != connection.backend:
            # It never was what it was called: the right one takes its place for everybody.
            await services.connections.replace(actor, place, connection, saved.connection)
        connection, dropped = saved.connection, saved.dropped
    if fix.trim_key:
        words = connection.key.reveal().strip().split(maxsplit=1)
        connection = await services.connections.set_key(actor, place, connection, Secret(words[-1]))
    if fix.kind is not None:
        await options.set(actor, place, KIND, fix.kind.value)
    if fix.model:
        await services.connections.set_model(actor, place, connection, fix.model)
    if fix.context_size is not None:
        await options.set(actor, place, CONTEXT_SIZE, fix.context_size)
    if fix.proposal is not None:
        await use_proposal(options, actor, place, fix.proposal)
    return dropped


LENGTH = 60
"""Tokens that are asked for."""
STOP = ("\nUser:",)


@dataclass(frozen=True, slots=True)
class ModelTrial:
    """What came of it. `rate` is in tokens a second after the first word, 0 = not known."""

    name: str
    text: str = ""
    first_text: float = 0.0
    rate: float = 0.0
    error: TavernError | None = None


@dataclass(frozen=True, slots=True)
class ConnectionTest:
    """`api_page`: whether the server's page of its API answers (None = it has none)."""

    active_model: ActiveModel
    findings: tuple[Finding, ...] = ()
    trial: ModelTrial | None = None
    api_page: bool | None = None


async def try_out(
    backend_pool: BackendPool, active_model: ActiveModel, text: str, *, plain: bool = False
) -> ModelTrial:
    """Sends one short request outside of any story.

    `plain`: the text goes as it stands, also to a model that continues texts.
    """
    connection, facts = active_model.connection, active_model.facts
    stop = () if plain else STOP
    request = Request(
        kind=facts.kind,
        model=facts.model,
        prompt=_trial_prompt(text, plain=plain) if facts.kind is Kind.TEXT else "",
        messages=(WireMessage("user", text),) if facts.kind is Kind.CHAT else (),
        samplers=defaults(facts.kind),
        stop=stop if facts.kind is Kind.TEXT else (),
        max_tokens=LENGTH,
        context_size=context_size(facts),
        conversation="trial",
    )
    output, pieces, reported = OutputFilter(OutputRules(stop=stop)), 0, None
    started = time.monotonic()
    first = None
    try:
        async with aclosing(backend_pool.backend(connection, facts.kind).stream(request)) as deltas:
            async for delta in deltas:
                output.feed(delta.text, delta.reasoning)
                pieces += bool(delta.text or delta.reasoning)
                first = first or (time.monotonic() if delta.text or delta.reasoning else None)
                reported = delta.usage.reply_tokens if delta.usage else reported
    except BackendError as error:
        return ModelTrial(connection.name, error=error)
    output.finish()
    now = time.monotonic()
    # A text in one piece was written before it came.
    seconds = max(now - ((first or now) if pieces > 1 else started), 1e-3)
    return ModelTrial(
        connection.name,
        output.text or output.reasoning,
        (first or now) - started,
        (reported or (pieces if pieces > 1 else 0)) / seconds,
    )


def _trial_prompt(text: str, *, plain: bool) -> str:
    return text if plain else f"User: {text}\nAssistant:"
