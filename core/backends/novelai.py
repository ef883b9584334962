"""NovelAI's text route."""

import hashlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from core.backends.base import Backend, Delta, Finish, Model, Probe, Request
from core.backends.documents import number_at, text_at
from core.backends.listing import known_models
from core.backends.sampler_wire import wire_samplers
from core.backends.spec import Spec
from core.backends.stream import deltas

TIERS = ("Paper", "Tablet", "Scroll", "Opus")
_SMALL_CONTEXT, _CONTEXT = 4096, 8192
_REPLY, _OPUS_REPLY = 150, 250
_ERATO_START = "<|startoftext|><|reserved_special_token81|>"
_BELIEVED = 3600.0
"""Seconds a subscription's tier is remembered."""
_MAX_STOPS = 1024


class NovelAI(Backend):
    """`POST /ai/generate-stream`: events named `newToken`, the last one `"final": true`."""

    protocol = "novelai"

    async def stream(self, request: Request) -> AsyncGenerator[Delta]:
        """Runs the request; one at a time for an account."""
        body = generate_body(self.spec, request, self._longest_reply())
        route = "/ai/generate-stream" if request.stream else "/ai/generate"
        url = self._host(request.model) + route
        async with (
            self.line.reply(url, body, request.model) as answer,
            aclosing(deltas(answer, self.line, _Reader(body), model=request.model)) as steps,
        ):
            async for delta in steps:
                yield delta

    async def models(self) -> list[Model]:
        """The text models; the vendor has no list."""
        return known_models(self.spec)

    async def probe(self, model: str = "") -> Probe:
        """The subscription's tier, which decides the context size."""
        tier = await self._tier()
        size = _SMALL_CONTEXT if tier < 2 and "clio" not in model else _CONTEXT
        details = {"tier": TIERS[tier], "longest_reply": str(self._longest_reply())}
        return Probe(model, size, details=details)

    async def _tier(self) -> int:
        base = self.line.root
        if base == self.spec.endpoint.url:
            base = self.spec.endpoint.account_url
        answer = await self.line.get(f"{base}/user/subscription")
        tier = min(max(number_at(answer, "tier") or 0, 0), 3)
        self.http.memory.put(tier, _BELIEVED, "novelai", self._account())
        return tier

    def _longest_reply(self) -> int:
        tier = self.http.memory.get("novelai", self._account())
        return _OPUS_REPLY if tier == 3 else _REPLY

    def _account(self) -> str:
        return hashlib.sha256(f"{self.line.root} {self.key.reveal()}".encode()).hexdigest()

    def _host(self, model: str) -> str:
        """Older models live at another of the vendor's own hosts."""
        is_vendors = self.line.root == self.spec.endpoint.url
        return self.spec.endpoint.older_url if is_vendors and "clio" in model else self.line.root


class _Reader:
    """Reads frames; tells a reply that was cut from one that ended by its number of tokens."""

    def __init__(self, body: dict[str, Any]) -> None:
        self._left = int(body["parameters"]["max_length"])

    def __call__(self, frame: dict[str, Any]) -> Delta:
        if isinstance(frame.get("output"), str):
            return Delta(text=frame["output"], finish=Finish.STOP)
        token = text_at(frame, "token")
        self._left -= 1 if token else 0
        if frame.get("final") is not True:
            return Delta(text=token)
        return Delta(text=token, finish=Finish.LENGTH if self._left <= 0 else Finish.STOP)


def generate_body(spec: Spec, request: Request, longest: int) -> dict[str, Any]:
    """The request's body. Stop strings go as token ids, which `Request.stop_tokens` holds."""
    samplers = wire_samplers(spec, request.samplers, request.model)
    parameters: dict[str, Any] = {
        "use_string": True,
        "min_length": 1,
        "generate_until_sentence": True,
        "use_cache": False,
        "return_full_text": False,
        "prefix": "vanilla",
        **samplers,
        "max_length": min(request.max_tokens, longest),
    }
    stops = stop_tokens(request)
    if stops:
        parameters["stop_sequences"] = stops
    start = _ERATO_START if "erato" in request.model else ""
    return {
        **spec.request.body,
        "input": start + request.prompt,
        "model": request.model,
        "parameters": parameters,
    }


def stop_tokens(request: Request) -> list[list[int]]:
    """The stop strings as the model's token ids, as far as somebody has worked them out."""
    return [list(ids) for ids in request.stop_tokens if ids][:_MAX_STOPS]
