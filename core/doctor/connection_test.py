"""What `/connect test` shows: faults found, or a few words from the model, timed."""

import time
from contextlib import aclosing
from dataclasses import dataclass

from core.backends.types import Request, WireMessage
from core.doctor.finding import Finding
from core.errors import BackendError, TavernError
from core.kind import Kind
from core.models_in_use.backend_pool import BackendPool, context_size
from core.models_in_use.models import ActiveModel
from core.reply.output_filter import OutputFilter, OutputRules
from core.samplers.table import defaults

LENGTH = 60
"""Tokens that are asked for."""
STOP = ("\nUser:",)


@dataclass(frozen=True, slots=True)
class ModelTrial:
    """What came of it. `rate` is in tokens a second after the first word."""

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


async def try_out(backend_pool: BackendPool, active_model: ActiveModel, text: str) -> ModelTrial:
    """Sends one short request outside of any story."""
    connection, facts = active_model.connection, active_model.facts
    request = Request(
        kind=facts.kind,
        model=facts.model,
        prompt=f"User: {text}\nAssistant:" if facts.kind is Kind.TEXT else "",
        messages=(WireMessage("user", text),) if facts.kind is Kind.CHAT else (),
        samplers=defaults(facts.kind),
        stop=STOP if facts.kind is Kind.TEXT else (),
        max_tokens=LENGTH,
        context_size=context_size(facts, None),
        conversation="trial",
    )
    output, pieces, reported = OutputFilter(OutputRules(stop=STOP)), 0, None
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
    seconds = max(now - (first or now), 1e-3)
    return ModelTrial(
        connection.name,
        output.text or output.reasoning,
        (first or now) - started,
        max((reported or pieces) - 1, 0) / seconds,
    )
