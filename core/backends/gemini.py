"""Gemini, at Google AI Studio and at Vertex AI."""

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any
from urllib.parse import quote

from core.backends.backend import StreamingBackend
from core.backends.documents import at, dicts_at, list_at, number_at, text_at
from core.backends.google_account import access_token, project_of
from core.backends.messages import (
    GO_ON,
    PLACEHOLDER,
    base64_of,
    merge,
    name_in_text,
    split_system,
)
from core.backends.model_list import known_models
from core.backends.reasoning import effort_of, reply_length
from core.backends.sampling import stop_body, wire_samplers
from core.backends.spec import Auth, Effort, Prefill, Spec, Traits
from core.backends.types import (
    Delta,
    Finish,
    Model,
    Note,
    NoteCode,
    Probe,
    Request,
    Usage,
    WireMessage,
)
from core.errors import KeyRejected, Refused

CATEGORIES = (
    "HARM_CATEGORY_HARASSMENT",
    "HARM_CATEGORY_HATE_SPEECH",
    "HARM_CATEGORY_SEXUALLY_EXPLICIT",
    "HARM_CATEGORY_DANGEROUS_CONTENT",
    "HARM_CATEGORY_CIVIC_INTEGRITY",
)
_BUDGETS = {"none": 0, "minimal": 512, "low": 2048, "medium": 8192, "high": 16_384, "max": 24_576}
_LEAST_PRO_BUDGET = 128
_MOST_PAGES = 5
_LEVELS = {"none": "MINIMAL", "max": "HIGH"}
_PRO_LEVELS = {"none": "LOW", "minimal": "LOW", "medium": "HIGH", "max": "HIGH"}
"""The larger models know only two levels."""
_REGION = re.compile(r"//(?:([a-z0-9-]+)-)?aiplatform\.")
_OLD_SAFETY = re.compile(r"gemini-1\.")
_FINISH = {"STOP": Finish.STOP, "MAX_TOKENS": Finish.LENGTH}


def content_body(spec: Spec, request: Request) -> dict[str, Any]:
    traits = spec.traits(request.model)
    system, messages = _turns(request, traits)
    config: dict[str, Any] = {
        **wire_samplers(spec, request.samplers, request.model),
        "maxOutputTokens": reply_length(traits, request),
        **_thinking(traits, request),
        **stop_body("stopSequences", spec, request),
    }
    threshold = "BLOCK_NONE" if _OLD_SAFETY.search(request.model) else "OFF"
    body: dict[str, Any] = {
        **spec.request.body,
        "contents": [_form(message) for message in messages],
        "generationConfig": config,
        "safetySettings": [{"category": name, "threshold": threshold} for name in CATEGORIES],
    }
    if system:
        body["systemInstruction"] = {"parts": [{"text": system}]}
    return body


def _turns(request: Request, traits: Traits) -> tuple[str, list[WireMessage]]:
    system, messages = split_system(request.messages)
    if system and traits.system == "none":  # Gemma
        messages.insert(0, WireMessage("user", system))
        system = ""
    messages = merge([name_in_text(message) for message in messages])
    if not messages:
        messages = [WireMessage("user", PLACEHOLDER)]
    if messages[-1].role == "assistant" and not (
        request.prefill and traits.prefill is Prefill.TRAILING
    ):
        messages.append(WireMessage("user", GO_ON))
    return system, messages


def _form(message: WireMessage) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [{"text": message.content}] if message.content else []
    parts += [
        {"inlineData": {"mimeType": image.content_type, "data": base64_of(image)}}
        for image in message.images
    ]
    role = "model" if message.role == "assistant" else "user"
    return {"role": role, "parts": parts or [{"text": " "}]}


def _thinking(traits: Traits, request: Request) -> dict[str, Any]:
    effort = effort_of(request)
    if not effort or traits.effort not in (Effort.BUDGET, Effort.LEVEL):
        return {}
    if traits.effort is Effort.LEVEL:
        levels = _PRO_LEVELS if "pro" in request.model else _LEVELS
        config: dict[str, Any] = {"thinkingLevel": levels.get(effort, effort.upper())}
    else:
        config = {"thinkingBudget": _budget(request.model, effort)}
    # A budget of nothing together with the wish to see it is refused.
    return {"thinkingConfig": {**config, "includeThoughts": effort != "none"}}


def _budget(model: str, effort: str) -> int:
    # Pro cannot leave it be; all others may.
    return max(_BUDGETS[effort], _LEAST_PRO_BUDGET if "pro" in model else 0)


def read_frame(frame: dict[str, Any]) -> Delta:
    """One event. Raises Refused for a prompt that was blocked."""
    blocked = text_at(frame, "promptFeedback", "blockReason")
    candidate = at(frame, "candidates", 0)
    if blocked and not candidate:
        raise Refused(category=blocked)
    parts = list_at(candidate, "content", "parts")
    shown = "".join(text_at(part, "text") for part in parts if not _is_thought(part))
    thoughts = "".join(text_at(part, "text") for part in parts if _is_thought(part))
    reason = text_at(candidate, "finishReason")
    finish = _FINISH.get(reason, Finish.FILTER) if reason else None
    return Delta(
        text=shown,
        reasoning=thoughts,
        finish=finish,
        usage=_usage(frame),
        note=Note(NoteCode.FILTER, reason) if finish is Finish.FILTER else None,
        citations=tuple(_links(candidate)),
    )


def _is_thought(part: Any) -> bool:
    return at(part, "thought") is True


def _links(candidate: Any) -> list[str]:
    chunks = dicts_at(candidate, "groundingMetadata", "groundingChunks")
    return [link for chunk in chunks if (link := text_at(chunk, "web", "uri"))]


def _usage(frame: dict[str, Any]) -> Usage | None:
    usage = frame.get("usageMetadata")
    if not isinstance(usage, dict):
        return None
    return Usage(
        number_at(usage, "promptTokenCount"),
        number_at(usage, "candidatesTokenCount"),
        number_at(usage, "cachedContentTokenCount"),
    )


def _writes(entry: dict[str, Any]) -> bool:
    return "generateContent" in list_at(entry, "supportedGenerationMethods")


def _model(entry: dict[str, Any]) -> Model:
    id_ = text_at(entry, "name").removeprefix("models/")
    return Model(id_, text_at(entry, "displayName"), number_at(entry, "inputTokenLimit"), sees=True)


class Gemini(StreamingBackend):
    """Every event is a whole answer; no end mark."""

    protocol = "gemini"
    body = staticmethod(content_body)
    read = staticmethod(read_frame)

    def reply_url(self, request: Request) -> str:
        verb = "streamGenerateContent?alt=sse" if request.stream else "generateContent"
        return f"{self._model_url(request.model)}:{verb}"

    async def fitted(self, request: Request) -> Request:
        """Nothing is changed; a service account gets its token first."""
        if self._signs() and self.api.token is None:
            await self._sign()
        return request

    async def stream(self, request: Request) -> AsyncGenerator[Delta]:
        """As any other; an expired access token is renewed once."""
        try:
            async with aclosing(super().stream(request)) as steps:
                async for delta in steps:
                    yield delta
        except KeyRejected:
            if not self._signs():
                raise
            await self._sign(afresh=True)
            async with aclosing(super().stream(request)) as steps:
                async for delta in steps:
                    yield delta

    async def models(self) -> list[Model]:
        """The models that write; Vertex has no list for keys, so there it is the known ones."""
        if not self.spec.models.route:
            return known_models(self.spec)
        found: list[Model] = []
        token = ""
        for _page in range(_MOST_PAGES):
            url = self.api.versioned(f"{self.spec.models.route}?pageSize=1000{token}")
            page = await self.api.get(url)
            found += [_model(entry) for entry in dicts_at(page, "models") if _writes(entry)]
            following = text_at(page, "nextPageToken")
            if not following:
                break
            token = f"&pageToken={quote(following, safe='', errors='replace')}"
        return found

    async def probe(self, model: str = "") -> Probe:
        """The model's context size; for a service account also whether it is let in."""
        if self._signs():
            await self._sign()
        if not self.spec.models.route:
            traits = self.spec.traits(model)
            return Probe(model, traits.context, sees=traits.sees)
        listed = await self.models()
        found = next((entry for entry in listed if entry.id == model), None)
        return Probe(model, found.context_size if found else None)

    def _signs(self) -> bool:
        return self.spec.key.auth is Auth.SERVICE_ACCOUNT and project_of(self.key) != ""

    async def _sign(self, *, afresh: bool = False) -> None:
        self.api.token = await access_token(self.api, afresh=afresh)

    def _model_url(self, model: str) -> str:
        name = quote(model.removeprefix("models/"), safe="-._")
        if self.spec.key.auth is not Auth.SERVICE_ACCOUNT:
            return self.api.versioned(f"/models/{name}")
        publisher = f"/publishers/google/models/{name}"
        project = project_of(self.key)
        if not project:  # express mode: an API key instead of an account
            return self.api.versioned(publisher)
        found = _REGION.search(self.api.root)
        region = (found[1] if found else None) or "global"
        return self.api.versioned(f"/projects/{project}/locations/{region}{publisher}")
