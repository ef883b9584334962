"""The next connection in a chain, when one is down or used up."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from core.backends.base import Backend, Delta, Model, Probe, Request
from core.errors import (
    BackendError,
    KeyRejected,
    Overloaded,
    QuotaExhausted,
    RateLimited,
    StreamBroken,
    TimedOut,
    Unreachable,
)

PASSED_ON = (
    Unreachable,
    TimedOut,
    Overloaded,
    RateLimited,
    QuotaExhausted,
    KeyRejected,
    StreamBroken,
)
"""Faults of the server or the account; those of the prompt would meet the next one too."""


@dataclass(frozen=True, slots=True)
class Link:
    """One connection of the chain: how it is called, and what is sent to it."""

    name: str
    backend: Backend
    adapt: Callable[[Request], Request] = lambda request: request
    """Puts in this connection's model and limits."""


class Chain(Backend):
    """Tries one connection after the other while nothing has been shown.

    A reply from a later one begins with `Delta(note="fallback:<name>")`.
    """

    def __init__(self, links: Sequence[Link]) -> None:
        first = links[0].backend
        super().__init__(first.spec, first.http, first.url, first.key)
        self._links = links

    async def stream(self, request: Request) -> AsyncGenerator[Delta]:
        """The first stream that begins; raises the first connection's fault if none does."""
        faults: list[BackendError] = []
        for number, link in enumerate(self._links):
            shown = False
            try:
                async with aclosing(link.backend.stream(link.adapt(request))) as deltas:
                    async for delta in deltas:
                        if number and not shown and (delta.text or delta.reasoning):
                            yield Delta(note=f"fallback:{link.name}")
                        shown = shown or bool(delta.text or delta.reasoning)
                        yield delta
                return
            except PASSED_ON as error:
                if shown:
                    raise
                faults.append(error)
        raise faults[0]

    async def models(self) -> list[Model]:
        """Those of the first connection."""
        return await self._links[0].backend.models()

    async def probe(self, model: str = "") -> Probe:
        """The first connection."""
        return await self._links[0].backend.probe(model)

    async def count(self, texts: Sequence[str], model: str) -> list[int]:
        """By the first connection."""
        return await self._links[0].backend.count(texts, model)

    async def specials(self, model: str) -> int:
        """As the first connection."""
        return await self._links[0].backend.specials(model)
