"""Builds one prompt, top to bottom."""

from collections.abc import Callable

from core.prompt.context import Context
from core.prompt.prompt import Prompt

Count = Callable[[str], int]
"""Tokens of a text. May raise NeedCounts, which passes through unchanged."""


def build_prompt(context: Context, count: Count) -> Prompt:
    """The prompt of one reply: pure, in SEMANTICS' order of work. Raises InvalidTemplate."""
    return Prompt(context.kind)
