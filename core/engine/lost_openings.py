"""Which models' thoughts come without their opening mark: guessed once, then learned."""

from collections.abc import Hashable

from cachetools import LRUCache

from core.detect.thinking import leaves_out_opening
from core.engine.reply_input import ReplyInput
from core.kind import Kind

REMEMBERED = 1000


class LostOpenings:
    """Words of such a model wait for the end of its thought, which would be shown otherwise."""

    def __init__(self) -> None:
        self._known: LRUCache[Hashable, bool] = LRUCache(REMEMBERED)

    def expects(self, reply_input: ReplyInput) -> bool:
        """What the model's last reply showed; of its first one what name and template tell."""
        known = self._known.get(_key(reply_input))
        if known is not None:
            return known
        # In text kind the prompt is ours, and what it opens is known.
        facts, spec = reply_input.facts, reply_input.spec
        # Vendors keep their own models' thoughts apart.
        is_vendors = bool(spec.endpoint.url) and not spec.local
        is_known = reply_input.kind is Kind.TEXT or is_vendors
        return not is_known and leaves_out_opening(facts.model, facts.probe.chat_template)

    def learn(self, reply_input: ReplyInput, unopened: bool) -> None:
        self._known[_key(reply_input)] = unopened


def _key(reply_input: ReplyInput) -> Hashable:
    connection = reply_input.connection
    return connection.backend, connection.url, reply_input.facts.model, reply_input.kind
