"""What a protocol's row says of it: where models are listed, how a server is asked, who counts."""

from collections.abc import Sequence

from core.backends.base import Backend, Model, Probe
from core.backends.counting import count, specials
from core.backends.discover import probe
from core.backends.listing import models


class ByRow(Backend):
    """A protocol that differs from server to server only in what its rows name."""

    async def models(self) -> list[Model]:
        """The vendor's list, or the one we know. Raises Unsupported where there is neither."""
        return await models(self.line)

    async def probe(self, model: str = "") -> Probe:
        """Model, context size and more, by whatever way the row names."""
        return await probe(self.line, model)

    async def count(self, texts: Sequence[str], model: str) -> list[int]:
        """Exact counts, where the server offers them."""
        return await count(self.line, texts, model)

    async def specials(self, model: str) -> int:
        """What the server adds to each prompt, where it tells."""
        return await specials(self.line, model)
