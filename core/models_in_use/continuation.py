"""A plain continuation: a text goes to the model as it stands, outside of any story."""

from contextlib import aclosing
from typing import Any

from core.backends.types import Request, WireMessage
from core.errors import NothingCame
from core.kind import Kind
from core.models_in_use.backend_pool import BackendPool
from core.models_in_use.models import ActiveModel
from core.options.table import REASONING_EFFORT, REPLY_LENGTH
from core.reasons import Reason
from core.reply.output_filter import OutputFilter, OutputRules


async def continued(
    pool: BackendPool, active_model: ActiveModel, samplers: dict[str, Any], text: str
) -> str:
    """What the model writes after a text, and nothing else. Raises BackendError.

    In chat kind the text is the person's message, or the model's own where it can be continued.
    """
    facts, connection = active_model.facts, active_model.connection
    can_go_on = active_model.spec.traits(facts.model).prefill != "none"
    is_text = facts.kind is Kind.TEXT
    role = "assistant" if can_go_on else "user"
    request = Request(
        kind=facts.kind,
        model=facts.model,
        prompt=text if is_text else "",
        messages=() if is_text else (WireMessage(role, text),),
        samplers=samplers,
        max_tokens=active_model.options[REPLY_LENGTH],
        context_size=active_model.context_size,
        prefill=can_go_on and not is_text,
        switches=tuple(sorted(connection.switches)),
        effort=active_model.options[REASONING_EFFORT] or "",
        conversation="continuation",
    )
    output = OutputFilter(OutputRules())
    backend = pool.queued(connection, facts, str(active_model.place.id))
    async with aclosing(backend.stream(request)) as deltas:
        async for delta in deltas:
            output.feed(delta.text, delta.reasoning)
    output.finish()
    if not output.text.strip():
        raise NothingCame(Reason.NO_WORDS, where=active_model.spec.name)
    return output.text
