"""What a model has refused of a request, so that the next one leaves it out at once."""

from dataclasses import dataclass, replace

from core.backends.http import AnswerMemory
from core.backends.types import Request

REMEMBERED_SECONDS = 86_400.0
"""Vendors change what a model takes; once a day the whole request is tried again."""


@dataclass(frozen=True, slots=True)
class Refusals:
    """`prefill`: it never continues a message. `omit`: keys of the body."""

    prefill: bool = False
    omit: tuple[str, ...] = ()

    def applied(self, request: Request) -> Request:
        """The request as this model takes it."""
        if self.prefill:
            request = replace(request, takes_prefill=False, user_last=True)
        missing = tuple(key for key in self.omit if key not in request.omit)
        return replace(request, omit=(*request.omit, *missing)) if missing else request


def remembered(memory: AnswerMemory, url: str, model: str) -> Refusals:
    found = memory.get("refusals", url, model)
    return found if isinstance(found, Refusals) else Refusals()


def remember(memory: AnswerMemory, url: str, model: str, *, omit: str = "") -> None:
    """Keeps that the model takes no such key, or, without one, that it continues no message."""
    known = remembered(memory, url, model)
    known = replace(known, omit=(*known.omit, omit)) if omit else replace(known, prefill=True)
    memory.put(known, REMEMBERED_SECONDS, "refusals", url, model)
