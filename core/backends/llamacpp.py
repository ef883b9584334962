"""llama.cpp's own completion route."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from core.backends.base import Delta, Finish, Request, Usage
from core.backends.by_row import ByRow
from core.backends.documents import number_at, text_at
from core.backends.sampler_wire import wire_samplers
from core.backends.spec import Spec
from core.backends.stops import limited
from core.backends.stream import deltas


class LlamaCpp(ByRow):
    """`POST /completion`, server-sent events; the last one says `"stop": true`."""

    protocol = "llamacpp"

    async def stream(self, request: Request) -> AsyncGenerator[Delta]:
        """Runs the request; closing the connection frees the slot."""
        body = completion_body(self.spec, request)
        async with (
            self.line.reply("/completion", body, request.model) as answer,
            aclosing(deltas(answer, self.line, read_frame, model=request.model)) as steps,
        ):
            async for delta in steps:
                yield delta


def completion_body(spec: Spec, request: Request) -> dict[str, Any]:
    """The request's body. The slot keeps a channel's cache in place."""
    samplers = wire_samplers(spec, request.samplers, request.model)
    body: dict[str, Any] = {
        **spec.request.body,
        "prompt": request.prompt,
        "stream": request.stream,
        "n_predict": request.max_tokens,
        "cache_prompt": True,
        **samplers,
    }
    stops = limited(request.stop, spec, spec.traits(request.model))
    if stops:
        body["stop"] = stops
    if request.model:
        body["model"] = request.model
    if request.slot is not None:
        body["id_slot"] = request.slot
    return body


def read_frame(frame: dict[str, Any]) -> Delta:
    """One frame, or the whole reply."""
    if frame.get("stop") is not True:
        return Delta(text=text_at(frame, "content"))
    usage = Usage(
        prompt_tokens=number_at(frame, "tokens_evaluated"),
        reply_tokens=number_at(frame, "tokens_predicted"),
        cached_tokens=number_at(frame, "timings", "cache_n"),
    )
    return Delta(text=text_at(frame, "content"), finish=_finish(frame), usage=usage)


def _finish(frame: dict[str, Any]) -> Finish:
    # Builds before late 2024 had one flag for each reason.
    limited = frame.get("stop_type") == "limit" or frame.get("stopped_limit") is True
    return Finish.LENGTH if limited else Finish.STOP
