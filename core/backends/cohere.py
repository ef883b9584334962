"""Cohere's chat route, second version."""

from typing import Any

from core.backends.backend import StreamingBackend
from core.backends.documents import at, dicts_at, list_at, number_at, text_at
from core.backends.messages import arrange, openai_form
from core.backends.sampling import (
    effort_of,
    reply_length,
    stop_body,
    wire_samplers,
    without_refused,
)
from core.backends.spec import Spec
from core.backends.types import Delta, Finish, Model, Probe, Request, Usage
from core.errors import Overloaded
from core.reasons import Reason

_FINISH = {
    "COMPLETE": Finish.STOP,
    "STOP_SEQUENCE": Finish.STOP,
    "TOOL_CALL": Finish.STOP,
    "MAX_TOKENS": Finish.LENGTH,
    "ERROR_TOXIC": Finish.FILTER,
    "SAFETY": Finish.FILTER,
}
_BUDGETS = {"minimal": 512, "low": 2048, "medium": 8192, "high": 16_384, "max": 24_576}


def chat_body(spec: Spec, request: Request) -> dict[str, Any]:
    traits = spec.traits(request.model)
    messages = arrange(request, spec, traits).messages
    body: dict[str, Any] = {
        **spec.request.body,
        "model": request.model,
        "messages": [openai_form(message, traits.images) for message in messages],
        "stream": request.stream,
        "max_tokens": reply_length(traits, request),
        **wire_samplers(spec, request.samplers, request.model),
        **stop_body("stop_sequences", spec, request),
    }
    effort = effort_of(request)
    if effort and traits.effort == "budget":
        on = {"type": "enabled", "token_budget": _BUDGETS.get(effort, 0)}
        body["thinking"] = {"type": "disabled"} if effort == "none" else on
    return without_refused(body, request)


def read_frame(frame: dict[str, Any]) -> Delta:
    if "finish_reason" in frame and isinstance(at(frame, "message", "content"), list):
        blocks = dicts_at(frame, "message", "content")
        return Delta(
            text="".join(text_at(block, "text") for block in blocks),
            reasoning="".join(text_at(block, "thinking") for block in blocks),
            finish=_finish(text_at(frame, "finish_reason")),
            usage=_usage(frame),
            whole=True,
        )
    said = at(frame, "delta", "message", "content")
    return Delta(
        text=text_at(said, "text"),
        reasoning=text_at(said, "thinking"),
        finish=_finish(text_at(frame, "delta", "finish_reason")),
        usage=_usage(at(frame, "delta")),
    )


def _finish(reason: str) -> Finish | None:
    if reason in ("ERROR", "TIMEOUT"):
        raise Overloaded(Reason.MODEL_FAILED)
    return _FINISH.get(reason, Finish.STOP) if reason else None


def _usage(frame: Any) -> Usage | None:
    if not isinstance(at(frame, "usage"), dict):
        return None
    return Usage(
        number_at(frame, "usage", "tokens", "input_tokens"),
        number_at(frame, "usage", "tokens", "output_tokens"),
        number_at(frame, "usage", "cached_tokens"),
    )


class Cohere(StreamingBackend):
    """Server-sent events with a `type` in each."""

    protocol = "cohere"
    route = "/v2/chat"
    body = staticmethod(chat_body)
    read = staticmethod(read_frame)

    async def models(self) -> list[Model]:
        """The chat models this key may use."""
        document = await self.api.get("/v1/models?page_size=1000&endpoint=chat")
        return [
            Model(
                id=text_at(entry, "name"),
                context_size=number_at(entry, "context_length"),
                sees="vision" in list_at(entry, "features") if entry.get("features") else None,
            )
            for entry in dicts_at(document, "models")
            if text_at(entry, "name") and entry.get("is_deprecated") is not True
        ]

    async def probe(self, model: str = "") -> Probe:
        sizes = {entry.id: entry.context_size for entry in await self.models()}
        return Probe(model if model in sizes else "", sizes.get(model))
