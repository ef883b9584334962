"""A second and third try where they help, and clean text from what comes."""

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from core.backends.backend import Backend, WrappedBackend
from core.backends.echo import PrefillEcho
from core.backends.models import tidied, tidy_name
from core.backends.refusals import remember
from core.backends.types import (
    Delta,
    Finish,
    Model,
    Note,
    NoteCode,
    Probe,
    Request,
    Wait,
    WaitReason,
)
from core.errors import (
    BackendError,
    BadAnswer,
    BadRequest,
    Endless,
    FellSilent,
    KeyRejected,
    NothingCame,
    Overloaded,
    QuotaExhausted,
    RateLimited,
    StreamBroken,
    TimedOut,
    Unreachable,
)
from core.reasons import Reason
from core.untrusted.surrogates import SurrogateJoiner

TRIES = 3
LONGEST_WAIT = 30.0
"""Seconds; a server that asks for more is not waited for, the person is told."""
PASSED_ON = (
    Unreachable,
    TimedOut,
    Overloaded,
    RateLimited,
    QuotaExhausted,
    KeyRejected,
    StreamBroken,
)
"""Faults of the server or the account, after which the next connection of a chain is asked; those
of the prompt would meet the next one too."""
_NEEDED = frozenset({"model", "messages", "prompt", "input", "contents", "stream"})


class Retrying(WrappedBackend):
    """Tries up to three times, but only while nothing has been shown: a text is not said twice.

    Waits are yielded as `Delta(wait=…)` before they are slept through.
    """

    def __init__(self, inner: Backend, *, pause: float = 1.0) -> None:
        super().__init__(inner)
        self._pause = pause

    async def stream(self, request: Request) -> AsyncGenerator[Delta]:
        """The inner stream, from its first successful try.

        What the model is known to refuse is left out at once, and what it refuses now is
        remembered, so that this costs a second request only once.
        """
        request = self.as_taken(request)
        echo = PrefillEcho("")
        for attempt in range(1, TRIES + 1):
            tidy = _Tidy(self.http.limits.size.text)
            try:
                async with aclosing(self.inner.stream(request)) as steps:
                    async for delta in steps:
                        clean = tidy.clean(delta)
                        said = echo.feed(clean.text, end=clean.finish is not None)
                        yield clean if said is clean.text else replace(clean, text=said)
                        if tidy.left < 0:
                            break
                return
            except BackendError as error:
                error.facts.setdefault("where", self.spec.name)
                if tidy.shown:
                    raise _amid_words(error) from error
                better = healed(request, error)
                wait = 0.0 if better else self._wait(error, attempt)
                if wait is None or attempt == TRIES:
                    if isinstance(error, StreamBroken):
                        raise error.turned_into(NothingCame) from error
                    raise
                keeps_prefill = better is not None and better.takes_prefill == request.takes_prefill
                fault, request = error, better or request
            if better:
                param = better.omit[-1] if keeps_prefill else ""
                remember(self.http.memory, self.url, better.model, omit=param)
                words = better.messages[-1].content if better.messages else ""
                if not keeps_prefill and words != better.unseen_start:
                    echo = PrefillEcho(words.removeprefix(better.unseen_start))
                    yield Delta(note=Note(NoteCode.PREFILL_REFUSED))
                elif param:
                    yield Delta(note=Note(NoteCode.DROPPED, param))
            else:
                yield Delta(wait=Wait(_reason(fault), seconds=wait, detail=fault.detail))
                await asyncio.sleep(wait)

    async def sent(self, request: Request) -> dict[str, Any]:
        return await self.inner.sent(self.as_taken(request))

    async def models(self) -> list[Model]:
        """The inner backend's list, each model once and under a name that can be used."""
        return tidied(await self.inner.models())

    async def probe(self, model: str = "") -> Probe:
        """As the inner backend, without a name that cannot be used."""
        probe = await self.inner.probe(model)
        return replace(probe, model=tidy_name(probe.model), version=tidy_name(probe.version))

    def _wait(self, error: BackendError, attempt: int) -> float | None:
        """Seconds until the next try; None for none."""
        broken = isinstance(error, StreamBroken)
        if not error.facts.get("retry", error.retryable or broken):
            return None
        asked = error.retry_after
        if asked:
            return asked if asked <= LONGEST_WAIT else None
        if broken and attempt == 1:
            return self._pause / 4  # mostly a kept connection that the server had closed
        patience = 4 if _reason(error) is WaitReason.LOADING else 1
        return self._pause * float(2 ** (attempt - 1)) * patience * random.uniform(1.0, 1.25)


class _Tidy:
    """Joins halves of emoji and ends a reply that has grown beyond all measure."""

    def __init__(self, most: int) -> None:
        self.shown = False
        self._text, self._thoughts = SurrogateJoiner(), SurrogateJoiner()
        self.left = most

    def clean(self, delta: Delta) -> Delta:
        said, thought = self._text.feed(delta.text), self._thoughts.feed(delta.reasoning)
        if delta.finish:
            said += self._text.close()
            thought += self._thoughts.close()
        if said or thought:
            self.shown = True
            self.left -= len(said) + len(thought)
            if self.left < 0:
                return Delta(text=said[: self.left], finish=Finish.LENGTH)
        if said is delta.text and thought is delta.reasoning:
            return delta
        return replace(delta, text=said, reasoning=thought)


def healed(request: Request, error: BackendError) -> Request | None:
    """The request without what the model refused of it; None where that is not the fault."""
    if not isinstance(error, BadRequest):
        return None
    if request.prefill and request.takes_prefill and error.facts.get("refuses_prefill"):
        return replace(request, takes_prefill=False, user_last=True)
    param = str(error.facts.get("param") or "")
    if not param or not error.facts.get("unsupported") or param in {*_NEEDED, *request.omit}:
        return None
    return replace(request, omit=(*request.omit, param))


def _amid_words(error: BackendError) -> BackendError:
    """What a fault is called once there are words: a reason given stays the reason."""
    if isinstance(error, Endless):
        return error
    if isinstance(error, TimedOut):
        return error.turned_into(FellSilent)
    if isinstance(error, BadAnswer):
        endless = error.reason is Reason.ANSWER_TOO_LARGE
        return Endless(**error.facts) if endless else error.turned_into(StreamBroken)
    return error


def _reason(error: BackendError) -> WaitReason:
    if isinstance(error, RateLimited):
        return WaitReason.RATE_LIMIT
    return WaitReason.LOADING if error.facts.get("loading") else WaitReason.OVERLOAD
