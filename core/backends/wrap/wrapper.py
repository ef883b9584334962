"""A backend around another one."""

from collections.abc import Sequence

from core.backends.base import Backend, Model, Probe


class Wrapper(Backend):
    """Answers all but streams as the inner backend does."""

    def __init__(self, inner: Backend) -> None:
        super().__init__(inner.spec, inner.http, inner.url, inner.key)
        self.inner = inner

    async def models(self) -> list[Model]:
        """As the inner backend."""
        return await self.inner.models()

    async def probe(self, model: str = "") -> Probe:
        """As the inner backend."""
        return await self.inner.probe(model)

    async def count(self, texts: Sequence[str], model: str) -> list[int]:
        """As the inner backend."""
        return await self.inner.count(texts, model)

    async def specials(self, model: str) -> int:
        """As the inner backend."""
        return await self.inner.specials(model)
