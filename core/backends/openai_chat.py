"""The chat route of OpenAI and of everything that speaks like it."""

import random
from collections.abc import AsyncGenerator
from contextlib import aclosing, nullcontext
from dataclasses import replace
from typing import Any

from core.backends.abort import aborting, new_job
from core.backends.base import Delta, Request
from core.backends.by_row import ByRow
from core.backends.echo import Echo
from core.backends.messages import arrange, openai_form
from core.backends.openai_frames import read_frame
from core.backends.reason import effort_body, reply_length
from core.backends.sampler_wire import wire_samplers
from core.backends.spec import Prefill, Spec, Traits
from core.backends.stops import limited
from core.backends.stream import deltas
from core.samplers.sampler import Dialect


class OpenAIChat(ByRow):
    """`POST …/chat/completions`, server-sent events until `[DONE]`."""

    protocol = "openai-chat"

    async def stream(self, request: Request) -> AsyncGenerator[Delta]:
        """Runs the request; closing the iterator closes the connection."""
        body = chat_body(self.spec, request)
        version = self.spec.endpoint.prefill_version if request.prefill else ""
        url = self.line.versioned(self.spec.endpoint.chat_route, version or None)
        prefill = _prefill_of(request) if self.spec.reply.prefill_echo else ""
        echo = Echo(prefill)
        job = new_job() if self.spec.reply.aborts else {}
        async with (
            aborting(self.line, job) if job else nullcontext(),
            self.line.reply(url, {**body, **job}, request.model) as answer,
            aclosing(deltas(answer, self.line, read_frame, model=request.model)) as steps,
        ):
            async for delta in steps:
                if prefill:
                    text = echo.feed(delta.text, end=delta.finish is not None)
                    delta = replace(delta, text=text)
                yield delta


def chat_body(spec: Spec, request: Request) -> dict[str, Any]:
    """The request's body. Pure, so that tests can check it against the vendor's schema."""
    traits = spec.traits(request.model)
    samplers = wire_samplers(spec, request.samplers, request.model)
    messages = [openai_form(message, traits.images) for message in arrange(request, spec, traits)]
    body: dict[str, Any] = {
        **spec.request.body,
        "messages": messages,
        "stream": request.stream and traits.streams,
        traits.max_tokens_name: reply_length(traits, request),
        **samplers,
        **effort_body(traits, request),
        **switched(spec, request),
    }
    if request.model:
        body["model"] = request.model
    stops = limited(request.stop, spec, traits)
    if stops:
        body["stop"] = stops
    if request.slot is not None and spec.sampling.dialect is Dialect.LLAMACPP:
        body["id_slot"] = request.slot
    if spec.sampling.dialect is Dialect.TEXTGEN:
        # The server does not tell its context size; it cuts the prompt to what we say.
        body["truncation_length"] = request.context_size
    if spec.sampling.random_seed and "seed" not in body:
        # Pollinations answers equal requests from a cache.
        body["seed"] = random.randrange(2**31)
    if body["stream"] and spec.request.usage_option:
        body["stream_options"] = {"include_usage": True}
    if request.prefill:
        _continue(body, traits)
    return without_refused(body, request)


def switched(spec: Spec, request: Request) -> dict[str, Any]:
    """The keys of what the person has switched on."""
    keys: dict[str, Any] = {}
    for id_ in request.switches:
        keys |= spec.request.switches.get(id_, {})
    return keys


def without_refused(body: dict[str, Any], request: Request) -> dict[str, Any]:
    """The body without the keys that the model has refused before."""
    for key in request.omit:
        value = body.pop(key, None)
        if key == "max_tokens" and value is not None:
            # OpenAI's newer families: "use max_completion_tokens instead".
            body["max_completion_tokens"] = value
    return body


def _continue(body: dict[str, Any], traits: Traits) -> None:
    """Tells the server to go on with the last assistant message, where it can."""
    messages = body["messages"]
    if not messages or messages[-1]["role"] != "assistant":
        return
    if traits.prefill is Prefill.PREFIX:
        messages[-1]["prefix"] = True
    elif traits.prefill is Prefill.CONTINUE_FINAL:
        body |= {"continue_final_message": True, "add_generation_prompt": False}
    elif traits.prefill is Prefill.CONTINUE:
        body["continue_"] = True
    elif traits.prefill is Prefill.RESPONSE_PREFIX:
        body["response_prefix"] = messages.pop()["content"]


def _prefill_of(request: Request) -> str:
    if request.prefill and request.messages and request.messages[-1].role == "assistant":
        return request.messages[-1].content
    return ""
