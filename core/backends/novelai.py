"""NovelAI's text route."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.backends.backend import StreamingBackend
from core.backends.documents import number_at, text_at
from core.backends.sampling import wire_samplers
from core.backends.spec import Spec
from core.backends.stream import ReadFrame
from core.backends.types import Delta, Finish, Probe, Request

TIERS = ("Paper", "Tablet", "Scroll", "Opus")
_SMALL_CONTEXT, _CONTEXT = 4096, 8192
_REPLY, _OPUS_REPLY = 150, 250
_ERATO_START = "<|startoftext|><|reserved_special_token81|>"
_BELIEVED = 3600.0
"""Seconds a subscription's tier is remembered."""
_MAX_STOPS = 1024


_PUNCTUATION = (".", "!", "?", "*", '"', "_", "...", '."', '?"', '!"', ".*", ")")
"""What Llama 3's tokenizer joins with a line break behind it into one token."""


def stop_forms(model: str, stops: Sequence[str]) -> list[str]:
    """The stop strings as the model can meet them.

    To Erato a line break behind a sentence is another token than one by itself, so that a stop
    string with a line break in front is sent with each punctuation mark before it as well.
    """
    if "erato" not in model:
        return list(stops)
    breaks = [stop for stop in stops if stop.startswith("\n")]
    return [*stops, *(mark + stop for stop in breaks for mark in _PUNCTUATION)]


def generate_body(spec: Spec, request: Request) -> dict[str, Any]:
    """The request's body. Stop strings go as token ids, which `Request.stop_tokens` holds."""
    parameters: dict[str, Any] = {
        "use_string": True,
        "min_length": 1,
        "generate_until_sentence": True,
        "use_cache": False,
        "return_full_text": False,
        "prefix": "vanilla",
        **wire_samplers(spec, request.samplers, request.model),
        "max_length": request.max_tokens,
    }
    stops = [list(ids) for ids in request.stop_tokens if ids][:_MAX_STOPS]
    if stops:
        parameters["stop_sequences"] = stops
    start = _ERATO_START if "erato" in request.model else ""
    return {
        **spec.request.body,
        "input": start + request.prompt,
        "model": request.model,
        "parameters": parameters,
    }


def read_whole(frame: dict[str, Any]) -> Delta:
    return Delta(text=text_at(frame, "output"), finish=Finish.STOP, whole=True)


class _LengthReader:
    """Reads frames; tells a reply that was cut from one that ended by its number of tokens."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self._left = int(body["parameters"]["max_length"])

    def __call__(self, frame: dict[str, Any]) -> Delta:
        if isinstance(frame.get("output"), str):
            return read_whole(frame)
        token = text_at(frame, "token")
        self._left -= 1 if token else 0
        if frame.get("final") is not True:
            return Delta(text=token)
        return Delta(text=token, finish=Finish.LENGTH if self._left <= 0 else Finish.STOP)


class NovelAI(StreamingBackend):
    """Events named `newToken`, the last one `"final": true`; one reply at a time for an account."""

    protocol = "novelai"
    body = staticmethod(generate_body)
    read = staticmethod(read_whole)

    def reply_url(self, request: Request) -> str:
        """Older models live at another of the vendor's own hosts."""
        is_older = self.api.root == self.spec.endpoint.url and "clio" in request.model
        host = self.spec.endpoint.older_url if is_older else self.api.root
        return host + ("/ai/generate-stream" if request.stream else "/ai/generate")

    async def fitted(self, request: Request) -> Request:
        """The subscription decides how long a reply may be."""
        return replace(request, max_tokens=min(request.max_tokens, self._longest_reply()))

    def reader(self, body: Mapping[str, Any]) -> ReadFrame:
        return _LengthReader(body)

    async def probe(self, model: str = "") -> Probe:
        """The subscription's tier, which decides the context size."""
        tier = await self._tier()
        size = _SMALL_CONTEXT if tier < 2 and "clio" not in model else _CONTEXT
        needed = TIERS[-1] if "erato" in model and tier < len(TIERS) - 1 else ""
        return Probe(
            model,
            size,
            tier=TIERS[tier],
            needed_tier=needed,
            longest_reply=self._longest_reply(),
        )

    async def _tier(self) -> int:
        is_vendors = self.api.root == self.spec.endpoint.url
        base = self.spec.endpoint.account_url if is_vendors else self.api.root
        answer = await self.api.get(f"{base}/user/subscription")
        tier = min(max(number_at(answer, "tier") or 0, 0), 3)
        self.http.memory.put(tier, _BELIEVED, "novelai", self._account())
        return tier

    def _longest_reply(self) -> int:
        return _OPUS_REPLY if self.http.memory.get("novelai", self._account()) == 3 else _REPLY

    def _account(self) -> str:
        return hashlib.sha256(f"{self.api.root} {self.key.reveal()}".encode()).hexdigest()
