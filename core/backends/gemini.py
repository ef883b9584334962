"""Gemini, at Google AI Studio and at Vertex AI with its service accounts."""

import asyncio
import base64
import hashlib
import json
import re
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from core.backends.api_client import ApiClient
from core.backends.backend import StreamingBackend
from core.backends.documents import at, dicts_at, list_at, number_at, read_json, text_at
from core.backends.faults import MAX_DETAIL, readable
from core.backends.messages import arrange, base64_of
from core.backends.models import known_models
from core.backends.sampling import (
    effort_of,
    reply_length,
    stop_body,
    wire_samplers,
    without_refused,
)
from core.backends.spec import Spec, Traits
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
from core.errors import BadAnswer, KeyRejected, Refused
from core.reasons import Reason
from core.secret import Secret

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
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFETIME = 3600
EARLY = 60
"""Seconds before its end at which a token is no longer used."""
_FINISH = {
    "STOP": Finish.STOP,
    "MAX_TOKENS": Finish.LENGTH,
    "FINISH_REASON_UNSPECIFIED": Finish.STOP,
    "MALFORMED_FUNCTION_CALL": Finish.STOP,
    "UNEXPECTED_TOOL_CALL": Finish.STOP,
}


def content_body(spec: Spec, request: Request) -> dict[str, Any]:
    traits = spec.traits(request.model)
    said = arrange(request, spec, traits)
    config: dict[str, Any] = {
        **wire_samplers(spec, request.samplers, request.model),
        "maxOutputTokens": reply_length(traits, request),
        **_thinking(traits, request),
        **stop_body("stopSequences", spec, request),
    }
    threshold = "BLOCK_NONE" if _OLD_SAFETY.search(request.model) else "OFF"
    body: dict[str, Any] = {
        **spec.request.body,
        "contents": [_form(message) for message in said.messages],
        "generationConfig": without_refused(config, request),
        "safetySettings": [{"category": name, "threshold": threshold} for name in CATEGORIES],
    }
    if said.system:
        body["systemInstruction"] = {"parts": [{"text": text} for text in said.system]}
    return body


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
    if not effort or traits.effort not in ("budget", "level"):
        return {}
    if traits.effort == "level":
        levels = _PRO_LEVELS if "pro" in request.model else _LEVELS
        config: dict[str, Any] = {"thinkingLevel": levels.get(effort, effort.upper())}
    else:
        # Pro cannot leave it be; all others may.
        least = _LEAST_PRO_BUDGET if "pro" in request.model else 0
        config = {"thinkingBudget": max(_BUDGETS[effort], least)}
    # A budget of nothing together with the wish to see it is refused.
    return {"thinkingConfig": {**config, "includeThoughts": effort != "none"}}


def read_frame(frame: dict[str, Any]) -> Delta:
    """One event. Raises Refused for a prompt that was blocked."""
    feedback = at(frame, "promptFeedback")
    blocked = text_at(feedback, "blockReason")
    candidate = at(frame, "candidates", 0)
    if blocked and not candidate:
        said = text_at(feedback, "blockReasonMessage")[:MAX_DETAIL]
        raise Refused(None, said, category=_objected(blocked, feedback))
    parts = list_at(candidate, "content", "parts")
    texts = [(text_at(part, "text"), at(part, "thought") is True) for part in parts]
    sources = dicts_at(candidate, "groundingMetadata", "groundingChunks")
    reason = text_at(candidate, "finishReason")
    finish = _FINISH.get(reason, Finish.FILTER) if reason else None
    return Delta(
        text="".join(text for text, is_thought in texts if not is_thought),
        reasoning="".join(text for text, is_thought in texts if is_thought),
        finish=finish,
        usage=_usage(frame),
        note=Note(NoteCode.FILTER, _why(reason, candidate)) if finish is Finish.FILTER else None,
        citations=tuple(link for one in sources if (link := text_at(one, "web", "uri"))),
    )


def _why(reason: str, candidate: Any) -> str:
    return text_at(candidate, "finishMessage")[:MAX_DETAIL] or _objected(reason, candidate)


def _objected(reason: str, rated: Any) -> str:
    """The reason and the categories that blocked, as words."""
    ratings = dicts_at(rated, "safetyRatings")
    found = [text_at(one, "category") for one in ratings if one.get("blocked") is True]
    return ", ".join(map(readable, [reason, *found]))


def _usage(frame: dict[str, Any]) -> Usage | None:
    usage = frame.get("usageMetadata")
    if not isinstance(usage, dict):
        return None
    return Usage(
        number_at(usage, "promptTokenCount"),
        number_at(usage, "candidatesTokenCount"),
        number_at(usage, "cachedContentTokenCount"),
    )


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

    async def prepare(self) -> None:
        """A service account gets its token."""
        if self._signs() and self.api.token is None:
            self.api.token = await access_token(self.api)

    async def stream(self, request: Request) -> AsyncGenerator[Delta]:
        """As any other; an expired access token is renewed once."""
        try:
            async with aclosing(super().stream(request)) as steps:
                async for delta in steps:
                    yield delta
        except KeyRejected:
            if not self._signs():
                raise
            self.api.token = await access_token(self.api, afresh=True)
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
            found += [
                _model(entry)
                for entry in dicts_at(page, "models")
                if "generateContent" in list_at(entry, "supportedGenerationMethods")
            ]
            following = text_at(page, "nextPageToken")
            if not following:
                break
            token = f"&pageToken={quote(following, safe='', errors='replace')}"
        return found

    async def probe(self, model: str = "") -> Probe:
        """The model's context size; for a service account also whether it is let in."""
        if self._signs():
            self.api.token = await access_token(self.api)
        if not self.spec.models.route:
            traits = self.spec.traits(model)
            return Probe(model, traits.context, sees=traits.sees)
        sizes = {entry.id: entry.context_size for entry in await self.models()}
        return Probe(model, sizes.get(model))

    def _signs(self) -> bool:
        return self.spec.key.auth == "service-account" and project_of(self.key) != ""

    def _model_url(self, model: str) -> str:
        name = quote(model.removeprefix("models/"), safe="-._")
        if self.spec.key.auth != "service-account":
            return self.api.versioned(f"/models/{name}")
        publisher = f"/publishers/google/models/{name}"
        project = project_of(self.key)
        if not project:  # express mode: an API key instead of an account
            return self.api.versioned(publisher)
        found = _REGION.search(self.api.root)
        # Behind a proxy the address names none: the account keeps the one that was typed.
        typed = text_at(_account(self.key), "region")
        region = (found[1] if found else None) or typed or "global"
        return self.api.versioned(f"/projects/{project}/locations/{region}{publisher}")


def project_of(key: Secret) -> str:
    """The project of a service account's JSON; empty where the key is none (express mode)."""
    return text_at(_account(key), "project_id")


async def access_token(api: ApiClient, *, afresh: bool = False) -> Secret:
    """A token for the account, remembered until shortly before it ends.

    The address it is asked from is the row's, never the one in the JSON. Raises KeyRejected.
    """
    name = hashlib.sha256(api.key.reveal().encode()).hexdigest()
    remembered = None if afresh else api.http.memory.get("google", name)
    if isinstance(remembered, Secret):
        return remembered
    assertion = await asyncio.to_thread(signed, _account(api.key), api.spec.key.token_url)
    call = api.call("POST", api.spec.key.token_url)
    form = {"grant_type": GRANT, "assertion": assertion}
    secrets = (*call.secrets, Secret(assertion))
    answer = await api.http.json(replace(call, headers={}, form=form, secrets=secrets))
    token = Secret(text_at(answer, "access_token"))
    if not token:
        raise BadAnswer(Reason.UNEXPECTED_SHAPE, where=api.spec.name)
    seconds = (number_at(answer, "expires_in") or LIFETIME) - EARLY
    api.http.memory.put(token, seconds, "google", name)
    return token


def signed(account: Any, audience: str) -> str:
    """The JWT that proves who the account is. Raises KeyRejected for a key that cannot sign."""
    # cryptography takes a while to import and is needed here only.
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    try:
        key = serialization.load_pem_private_key(
            text_at(account, "private_key").encode(), password=None
        )
    except (ValueError, TypeError) as error:
        raise KeyRejected(Reason.SERVICE_ACCOUNT_UNREADABLE) from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise KeyRejected(Reason.SERVICE_ACCOUNT_UNREADABLE)
    now = int(time.time())
    header = {"alg": "RS256", "typ": "JWT", "kid": text_at(account, "private_key_id")}
    claims = {
        "iss": text_at(account, "client_email"),
        "scope": SCOPE,
        "aud": audience,
        "iat": now,
        "exp": now + LIFETIME,
    }
    parts = (json.dumps(part, separators=(",", ":")).encode() for part in (header, claims))
    message = ".".join(map(_base64, parts))
    signature = key.sign(message.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{message}.{_base64(signature)}"


def _account(key: Secret) -> Any:
    if not key.reveal().startswith("{"):
        return None
    try:
        return read_json(key.reveal())
    except BadAnswer as error:
        raise KeyRejected(Reason.SERVICE_ACCOUNT_UNREADABLE) from error


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
