"""llama.cpp's own completion route."""

from typing import Any

from core.backends.backend import StreamingBackend
from core.backends.documents import number_at, text_at
from core.backends.sampling import stop_body, wire_samplers
from core.backends.spec import Spec
from core.backends.types import Delta, Finish, Request, Usage


def completion_body(spec: Spec, request: Request) -> dict[str, Any]:
    """The request's body. The slot keeps a channel's cache in place."""
    body: dict[str, Any] = {
        **spec.request.body,
        "prompt": request.prompt,
        "stream": request.stream,
        "n_predict": request.max_tokens,
        "cache_prompt": True,
        **wire_samplers(spec, request.samplers, request.model),
        **stop_body("stop", spec, request),
    }
    if request.model:
        body["model"] = request.model
    if request.slot is not None:
        body["id_slot"] = request.slot
    return body


def read_frame(frame: dict[str, Any]) -> Delta:
    if frame.get("stop") is not True:
        return Delta(text=text_at(frame, "content"))
    usage = Usage(
        prompt_tokens=number_at(frame, "tokens_evaluated"),
        reply_tokens=number_at(frame, "tokens_predicted"),
        cached_tokens=number_at(frame, "timings", "cache_n"),
    )
    # Builds before late 2024 had one flag for each reason.
    limited = frame.get("stop_type") == "limit" or frame.get("stopped_limit") is True
    finish = Finish.LENGTH if limited else Finish.STOP
    return Delta(text=text_at(frame, "content"), finish=finish, usage=usage)


class LlamaCpp(StreamingBackend):
    """Server-sent events; the last one says `"stop": true`. Closing it frees the slot."""

    protocol = "llamacpp"
    route = "/completion"
    body = staticmethod(completion_body)
    carriers = ("content",)
    read = staticmethod(read_frame)
