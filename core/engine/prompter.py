"""Builds a prompt off the event loop, with every count it needs."""

import asyncio
from dataclasses import replace

from core.errors import BackendError, NeedCounts, PromptTooLong, TokenizerError
from core.prompt.build import build_prompt
from core.prompt.context import Context
from core.prompt.prompt import Prompt
from core.tokenizers.counter import Counter, Counting
from core.tokenizers.estimate import Estimate

ROUNDS = 3
"""A remote tokenizer is asked this often; texts new after that are estimated (decisions 3)."""
ROOM = 0.9
"""A prompt that the server found too long is built again for this share of its context."""


async def build(context: Context, counter: Counter) -> tuple[Prompt, bool]:
    """The prompt, and whether all its counts are the model's own. Raises InvalidTemplate."""
    for _ in range(ROUNDS):
        prompt, counting = await asyncio.to_thread(_build, context, counter)
        try:
            counting.settle()
        except NeedCounts as need:
            try:
                await counter.prime(need.texts)
            except (BackendError, TokenizerError):
                break
        else:
            return prompt, counting.is_exact
    else:
        prompt, counting = await asyncio.to_thread(_build, context, counter)
        return prompt, counting.is_exact
    # The server did not count: this turn goes by estimates alone, none mixed in.
    prompt, _ = await asyncio.to_thread(_build, context, Counter(Estimate()))
    return prompt, False


def shrunk(context: Context, error: PromptTooLong) -> Context:
    """The context for a second try after the server found the prompt too long."""
    limit, sent = error.facts.get("limit"), error.facts.get("sent")
    size = context.sizes.context
    if isinstance(limit, int) and 0 < limit < size:
        size = limit
    elif isinstance(sent, int) and sent > size:
        size = int(size * size / sent)
    reply = min(context.sizes.reply, size // 2)
    smaller = replace(context.sizes, context=int(size * ROOM), reply=reply)
    return replace(context, sizes=smaller)


def _build(context: Context, counter: Counter) -> tuple[Prompt, Counting]:
    counting = Counting(counter)
    return build_prompt(context, counting), counting
