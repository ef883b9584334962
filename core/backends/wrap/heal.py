"""Asking again without what a model refused."""

import re
from dataclasses import replace

from core.backends.base import Request
from core.errors import BackendError, BadRequest

_UNSUPPORTED = re.compile(
    r"unsupported|not supported|unrecognized|unknown (?:name|parameter|field)|not permitted"
    r"|does not support|deprecated",
    re.IGNORECASE,
)
_PREFILL = re.compile(
    r"prefill|must end with a user|last message must (?:be|have role) .{0,12}user"
    r"|assistant message .{0,40}(?:last|final|trailing)",
    re.IGNORECASE,
)
_NEEDED = frozenset({"model", "messages", "prompt", "input", "contents", "stream"})


def healed(request: Request, error: BackendError) -> Request | None:
    """The request without the refused parameter or prefill; None where that is not the fault."""
    if not isinstance(error, BadRequest):
        return None
    if request.prefill and _PREFILL.search(error.detail):
        return replace(request, prefill=False, options={**request.options, "user_last": True})
    param = str(error.facts.get("param") or "")
    omitted = omitted_of(request)
    if not param or param in _NEEDED or param in omitted or not _UNSUPPORTED.search(error.detail):
        return None
    return replace(request, options={**request.options, "omit": [*omitted, param]})


def omitted_of(request: Request) -> list[str]:
    """Body keys that the model has refused before."""
    found = request.options.get("omit", [])
    return [key for key in found if isinstance(key, str)] if isinstance(found, list) else []
