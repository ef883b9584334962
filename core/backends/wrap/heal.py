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
        return replace(request, prefill=False, user_last=True)
    param = str(error.facts.get("param") or "")
    if (
        not param
        or param in _NEEDED
        or param in request.omit
        or not _UNSUPPORTED.search(error.detail)
    ):
        return None
    return replace(request, omit=(*request.omit, param))
