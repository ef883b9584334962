"""The text route of the OpenAI family: one prompt to continue."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from core.backends.base import Delta, Request
from core.backends.by_row import ByRow
from core.backends.openai_chat import switched, without_refused
from core.backends.openai_frames import read_frame
from core.backends.reason import reply_length
from core.backends.sampler_wire import wire_samplers
from core.backends.spec import Spec
from core.backends.stops import limited
from core.backends.stream import deltas
from core.samplers.sampler import Dialect


class OpenAIText(ByRow):
    """`POST …/completions`, server-sent events until `[DONE]`."""

    protocol = "openai-text"

    async def stream(self, request: Request) -> AsyncGenerator[Delta]:
        """Runs the request; closing the iterator closes the connection."""
        body = text_body(self.spec, request)
        url = self.line.versioned(self.spec.endpoint.text_route)
        async with (
            self.line.reply(url, body, request.model) as answer,
            aclosing(deltas(answer, self.line, read_frame, model=request.model)) as steps,
        ):
            async for delta in steps:
                yield delta


def text_body(spec: Spec, request: Request) -> dict[str, Any]:
    """The request's body. Pure, so that tests can check it against the vendor's schema."""
    traits = spec.traits(request.model)
    samplers = wire_samplers(spec, request.samplers, request.model)
    body: dict[str, Any] = {
        **spec.request.body,
        "prompt": request.prompt,
        "stream": request.stream and traits.streams,
        traits.max_tokens_name: reply_length(traits, request),
        **samplers,
        **switched(spec, request),
    }
    if request.model:
        body["model"] = request.model
    stops = limited(request.stop, spec, traits)
    if stops:
        body["stop"] = stops
    if body["stream"] and spec.request.usage_option:
        body["stream_options"] = {"include_usage": True}
    if spec.sampling.dialect is Dialect.TEXTGEN:
        # The server does not tell its context size; it cuts the prompt to what we say.
        body["truncation_length"] = request.context_size
    return without_refused(body, request)
