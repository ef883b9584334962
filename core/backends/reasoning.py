"""How much a model is to think, said in each vendor's way."""

from collections.abc import Sequence
from typing import Any

from core.backends.spec import Effort, Traits
from core.backends.types import Request

EFFORTS = ("none", "minimal", "low", "medium", "high", "max")
"""Values of `Request.effort`; empty = the vendor's own default."""

_OBJECT = {"max": "xhigh"}
_ORDER = ("none", "minimal", "low", "medium", "default", "high", "xhigh", "max")
"""What vendors call the amounts, from least to most."""

_ROOM = {"none": 0, "minimal": 1024, "low": 2048, "": 8192, "medium": 8192, "high": 16_384}
_MOST_ROOM = 24_576


def room(request: Request) -> int:
    """Tokens of thinking to be added to the reply's length, where a model counts them in.

    Without them a short limit is used up before the first visible word.
    """
    return _ROOM.get(effort_of(request), _MOST_ROOM)


def reply_length(traits: Traits, request: Request) -> int:
    """The limit to send: the wished length, the model's own, and room for thinking."""
    length = min(request.max_tokens, traits.max_reply or request.max_tokens)
    return length + (room(request) if traits.thinks else 0)


def effort_of(request: Request) -> str:
    """The wished effort, empty for the vendor's default."""
    return request.effort if request.effort in EFFORTS else ""


def effort_body(traits: Traits, request: Request) -> dict[str, Any]:
    """The keys for OpenAI-style routes; vendors with an API of their own do it themselves."""
    effort = effort_of(request)
    if not effort:
        return {}
    if traits.effort is Effort.FIELD:
        return {"reasoning_effort": nearest(effort, traits.efforts)}
    if traits.effort is Effort.OBJECT:
        return {"reasoning": {"effort": _OBJECT.get(effort, effort)}}
    if traits.effort is Effort.THINKING:
        if effort == "none":
            return {"thinking": {"type": "disabled"}}
        wished = "max" if effort == "max" else "high" if effort in ("medium", "high") else "low"
        return {"thinking": {"type": "enabled"}, "reasoning_effort": wished}
    return {}


def nearest(effort: str, known: Sequence[str]) -> str:
    """The wish, or what a model knows that comes nearest to it; of two the smaller."""
    if effort in known:
        return effort
    place = _ORDER.index(effort)
    known = [one for one in known if one != "none"]  # some thinking is never none of it
    return min(known, key=lambda one: abs(_ORDER.index(one) - place), default=effort)
