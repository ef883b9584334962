"""Ollama's own API, in both kinds."""

from typing import Any

from core.backends.backend import StreamingBackend
from core.backends.documents import at, dicts_at, list_at, number_at, text_at
from core.backends.messages import arrange, base64_of
from core.backends.models import try_get
from core.backends.sampling import effort_of, stop_body, wire_samplers
from core.backends.spec import Spec
from core.backends.types import Delta, Finish, Model, Probe, Request, Usage
from core.errors import BackendError
from core.kind import Kind


def ollama_body(spec: Spec, request: Request) -> dict[str, Any]:
    """The request's body. `num_ctx` is always sent: the server's default is small, and longer
    prompts are silently cut from the front."""
    options: dict[str, Any] = {
        **wire_samplers(spec, request.samplers, request.model),
        "num_predict": request.max_tokens,
        "num_ctx": request.context_size,
        **stop_body("stop", spec, request),
    }
    body: dict[str, Any] = {
        **spec.request.body,
        "model": request.model,
        "stream": request.stream,
        "options": options,
    }
    if request.kind is Kind.TEXT:
        body |= {"prompt": request.prompt, "raw": True}
        if request.images:
            body["images"] = [base64_of(image) for image in request.images]
    else:
        body["messages"] = [
            {"role": message.role, "content": message.content}
            | ({"images": [base64_of(one) for one in message.images]} if message.images else {})
            for message in arrange(request, spec, spec.traits(request.model)).messages
        ]
    effort = effort_of(request)
    if effort:
        # Only gpt-oss knows degrees; to others it is a switch.
        level = effort if effort in ("low", "medium", "high") else "high"
        body["think"] = level if "gpt-oss" in request.model else effort != "none"
    return body


def read_frame(frame: dict[str, Any]) -> Delta:
    text = text_at(frame, "response") or text_at(frame, "message", "content")
    thoughts = text_at(frame, "thinking") or text_at(frame, "message", "thinking")
    if frame.get("done") is not True:
        return Delta(text=text, reasoning=thoughts)
    usage = Usage(number_at(frame, "prompt_eval_count"), number_at(frame, "eval_count"))
    finish = Finish.LENGTH if frame.get("done_reason") == "length" else Finish.STOP
    return Delta(text=text, reasoning=thoughts, finish=finish, usage=usage)


def _trained_context(about: Any) -> int | None:
    info = at(about, "model_info")
    if not isinstance(info, dict):
        return None
    sizes = [number_at(info, key) for key in info if key.endswith(".context_length")]
    return next((size for size in sizes if size), None)


class Ollama(StreamingBackend):
    """One JSON object a line."""

    protocol = "ollama"
    style = "lines"
    body = staticmethod(ollama_body)
    carriers = ("message", "response")
    read = staticmethod(read_frame)

    def reply_url(self, request: Request) -> str:
        return "/api/generate" if request.kind is Kind.TEXT else "/api/chat"

    async def models(self) -> list[Model]:
        tags = await self.api.get("/api/tags")
        return [Model(text_at(entry, "name")) for entry in dicts_at(tags, "models")]

    async def probe(self, model: str = "") -> Probe:
        """Version; the loaded model, or what is known about the named one."""
        version = text_at(await self.api.get("/api/version"), "version")
        loaded = dicts_at(await try_get(self.api, "/api/ps"), "models")
        model = model or (text_at(loaded[0], "name") if loaded else "")
        if not model:
            return Probe(version=version)
        about = await self._about(model)
        capabilities = list_at(about, "capabilities")
        return Probe(
            model=model,
            context_size=_trained_context(about),
            version=version,
            chat_template=text_at(about, "template"),
            sees="vision" in capabilities if capabilities else None,
        )

    async def _about(self, model: str) -> Any:
        try:
            return await self.api.post("/api/show", {"model": model})
        except BackendError:
            return None
