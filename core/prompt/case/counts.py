"""Token counts for case files: from the case itself, else the estimate."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.prompt.budget.fit import Count
from core.prompt.chat.counting import counting_of
from core.prompt.context import ChatCounting
from core.tokenizers.estimate import Estimate

_NAME_TOKENS = 2
"""A name's share where only counts of whole messages are known; the sums come out right."""


def case_count(case: Mapping[str, Any]) -> Count:
    """Counts by the case's `token_counts`; a text that is not listed is estimated."""
    listed = case.get("token_counts") or (case.get("expected") or {}).get("token_counts") or {}
    if isinstance(listed, list):
        listed = _texts_of(listed, counting_of(case["settings"].get("chat_model", "")))
    table: dict[str, int] = dict(listed)
    estimate = Estimate()

    def count(text: str) -> int:
        known = table.get(text)
        return estimate.count(text) if known is None else known

    return count


def _texts_of(listed: Sequence[Mapping[str, Any]], counting: ChatCounting) -> dict[str, int]:
    """Counts of texts out of counts of whole messages, the way the counter added them up."""
    table: dict[str, int] = {}
    for item in listed:
        message = item["message"]
        if counting is not ChatCounting.OPENAI:
            table["\n\n".join(str(value) for value in message.values())] = item["count"]
            continue
        # Three for the request, three for the message, one for each role, one more for a name.
        rest = item["count"] - 6 - ("role" in message)
        if "role" in message:
            table[message["role"]] = 1
        if "name" in message:
            table[message["name"]] = _NAME_TOKENS
            rest -= _NAME_TOKENS + 1
        table[message.get("content", "")] = rest
    return table
