"""KoboldAI's API as the Client and text-generation-webui's old extension serve it: no stream."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from core.backends.backend import StreamingBackend
from core.backends.documents import dicts_at, text_at
from core.backends.models import loaded, only_model, try_get
from core.backends.sampling import cut, stop_body, wire_samplers
from core.backends.spec import Spec
from core.backends.thoughts import ThoughtReader
from core.backends.types import Delta, Finish, Model, Probe, Request
from core.errors import BadAnswer
from core.reasons import Reason
from core.samplers.sampler import Dialect

STOPS_SINCE = (1, 2, 2)
BELIEVED = 300.0
"""Seconds a server's version holds."""


_NAMES = {
    Dialect.KOBOLDAI: ("max_length", "max_context_length", "stop_sequence"),
    Dialect.TEXTGEN_LEGACY: ("max_new_tokens", "truncation_length", "stopping_strings"),
}
"""What the length of the reply, the context and the stop strings are called."""


def generate_body(spec: Spec, request: Request) -> dict[str, Any]:
    """The request's body, with no key the version might not know."""
    length, context, stop = _NAMES[spec.sampling.dialect]
    most = spec.models.default_context or request.context_size
    return {
        **spec.request.body,
        "prompt": request.prompt,
        context: min(request.context_size, most),
        length: request.max_tokens,
        **wire_samplers(spec, request.samplers, request.model),
        **(stop_body(stop, spec, request) if request.send_stops else {}),
    }


def read_frame(frame: dict[str, Any]) -> Delta:
    results = dicts_at(frame, "results")
    if not results:
        raise BadAnswer(Reason.UNEXPECTED_SHAPE)
    return Delta(text=text_at(results[0], "text"), finish=Finish.STOP, whole=True)


def takes_stops(version: str) -> bool:
    return tuple(int(part) for part in version.split(".") if part.isdecimal()) >= STOPS_SINCE


def cut_words(text: str, stops: Sequence[str]) -> str:
    """The text up to the first stop string that is no part of a thought."""
    start = 0
    while len(rest := cut(text[start:], stops)[0]) < len(text) - start:
        reader = ThoughtReader()
        for _ in reader.feed(text[: start + len(rest)]):
            pass
        if not reader.inside:
            return text[: start + len(rest)]
        start += len(rest) + 1
    return text


class KoboldAI(StreamingBackend):
    """The reply comes in one piece and cannot be aborted."""

    protocol = "koboldai"
    route = "/api/v1/generate"
    body = staticmethod(generate_body)
    read = staticmethod(read_frame)

    async def stream(self, request: Request) -> AsyncGenerator[Delta]:
        async with aclosing(super().stream(request)) as steps:
            async for delta in steps:
                yield replace(delta, text=cut_words(delta.text, request.stop))  # it leaves them in

    async def fitted(self, request: Request) -> Request:
        """Old versions refuse keys they do not know: no stop strings before 1.2.2."""
        if self.spec.sampling.dialect is not Dialect.KOBOLDAI:
            return request
        version = self.http.memory.get("koboldai", self.api.root)
        if version is None:
            version = text_at(await try_get(self.api, "/api/v1/info/version"), "result")
            self.http.memory.put(version, BELIEVED, "koboldai", self.api.root)
        return replace(request, send_stops=takes_stops(version))

    async def models(self) -> list[Model]:
        return only_model(await self.probe())

    async def probe(self, model: str = "") -> Probe:
        """Model and version. The context is what the row says: the server does not tell."""
        name = text_at(await self.api.get("/api/v1/model"), "result")
        version = text_at(await try_get(self.api, "/api/v1/info/version"), "result")
        return Probe(loaded(name), self.spec.traits(name).context, version)
