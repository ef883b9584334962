"""KoboldCpp's own API."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from core.backends.backend import StreamingBackend
from core.backends.documents import at, number_at, text_at
from core.backends.messages import base64_of
from core.backends.models import only_model
from core.backends.sampling import stop_body, wire_samplers
from core.backends.spec import Spec
from core.backends.types import Delta, Finish, Model, Request, Usage
from core.errors import BackendError

STATISTICS_TIME = 2.0
_END_MARK, _STOP_STRING = 1, 2


def generate_body(spec: Spec, request: Request) -> dict[str, Any]:
    """The request's body, without the key that names the job."""
    body: dict[str, Any] = {
        **spec.request.body,
        "prompt": request.prompt,
        "max_context_length": request.context_size,
        "max_length": request.max_tokens,
        # Newer builds would replace `{{[INPUT]}}` inside the prompt.
        "replace_instruct_placeholders": False,
        "trim_stop": True,
        **wire_samplers(spec, request.samplers, request.model),
        **stop_body("stop_sequence", spec, request),
    }
    if request.images:
        body["images"] = [base64_of(image) for image in request.images]
    return body


def read_frame(frame: dict[str, Any]) -> Delta:
    whole = at(frame, "results", 0)
    if isinstance(whole, dict):
        usage = Usage(number_at(whole, "prompt_tokens"), number_at(whole, "completion_tokens"))
        return Delta(
            text=text_at(whole, "text"),
            finish=_finish(whole) or Finish.STOP,
            usage=usage,
            whole=True,
        )
    return Delta(text=text_at(frame, "token"), finish=_finish(frame))


def _finish(frame: dict[str, Any]) -> Finish | None:
    # 1.76 writes the word "null" while it runs.
    reason = text_at(frame, "finish_reason")
    found = Finish.LENGTH if reason == "length" else Finish.STOP
    return None if reason in ("", "null") else found


class KoboldCpp(StreamingBackend):
    """Server-sent events without an end mark."""

    protocol = "koboldcpp"
    body = staticmethod(generate_body)
    carriers = ("token", "results")
    read = staticmethod(read_frame)

    def reply_url(self, request: Request) -> str:
        return "/api/extra/generate/stream" if request.stream else "/api/v1/generate"

    async def stream(self, request: Request) -> AsyncGenerator[Delta]:
        """As any other, with the true reason of the end."""
        async with aclosing(super().stream(request)) as steps:
            async for delta in steps:
                yield await self._true_end(delta) if delta.finish is Finish.LENGTH else delta

    async def _true_end(self, delta: Delta) -> Delta:
        """KoboldCpp says "length" for its stop strings too; its statistics know better."""
        try:
            async with asyncio.timeout(STATISTICS_TIME):
                last = await self.api.get("/api/extra/perf")
        except (BackendError, TimeoutError):
            return delta
        reason = number_at(last, "stop_reason")
        finish = Finish.STOP if reason in (_END_MARK, _STOP_STRING) else Finish.LENGTH
        usage = delta.usage or Usage(reply_tokens=number_at(last, "last_token_count"))
        return replace(delta, finish=finish, usage=usage)

    async def models(self) -> list[Model]:
        return only_model(await self.probe())
