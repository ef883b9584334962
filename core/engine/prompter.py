"""Builds a prompt off the event loop, with every count it needs."""

import asyncio
import time
from dataclasses import dataclass, replace

from core.chat.message import Message
from core.engine.token_cache import Page, StoredCounts
from core.errors import BackendError, NeedCounts, PromptTooLong, TimedOut, TokenizerError
from core.models_in_use.counted import Counted
from core.prompt.budget.running_window import RunningWindow
from core.prompt.build import build_prompt
from core.prompt.context import Context
from core.prompt.prompt import Prompt
from core.tokenizers.counter import Counter, Counting
from core.tokenizers.estimate import Estimate

ROUNDS = 3
"""A remote tokenizer is asked this often; texts new after that are estimated (decisions 3)."""
PATIENCE = 10.0
"""Seconds for all counts of one round; a reply does not wait longer for a number."""
REST = 3.0
"""Seconds in which a server that was too slow is not asked again: no reply waits twice for it."""
ESTIMATED = "counts: estimated"
"""Note on a prompt whose counts the server should have made and did not."""
ROOM = 0.9
"""A prompt that the server found too long is built again for this share of its context."""


@dataclass(frozen=True, slots=True)
class Built:
    """A prompt, and the counts that were made for it and are to be kept with the messages."""

    prompt: Prompt
    counts: tuple[tuple[Message, int], ...] = ()
    key: str = ""


async def build(
    context: Context, counted: Counted, padding: int = 0, page: Page | None = None
) -> Built:
    """The prompt. Raises InvalidTemplate.

    Where the server that should count does not, this turn goes by estimates, with `padding` kept
    free, and the prompt carries the note `ESTIMATED`.
    """
    for _ in range(ROUNDS):
        stored = page.counts() if page else None
        counting = Counting(counted.counter, counted.factor)
        prompt = await asyncio.to_thread(_build, context, counting, page, stored)
        try:
            counting.settle()
        except NeedCounts as need:
            try:
                await prime(counted.counter, need.texts)
            except (BackendError, TokenizerError):
                break
        else:
            return Built(prompt, tuple(stored.take()) if stored else (), counted.key)
    # None is mixed in: either all counts are the server's own, or none.
    sizes = replace(context.sizes, padding=padding)
    counting = Counting(Counter(Estimate()), counted.factor)
    prompt = await asyncio.to_thread(_build, replace(context, sizes=sizes), counting)
    return Built(replace(prompt, notes=(*prompt.notes, ESTIMATED)))


async def weighed(prompt: Prompt, counted: Counted) -> Prompt:
    """The prompt with its finished text counted as one, which its parts do not quite add up to.

    Unchanged in chat kind, where nobody knows the text that a server makes of the messages, and
    where the counts are estimates.
    """
    counter = counted.counter
    if not prompt.text or not counter.tokenizer.is_exact or ESTIMATED in prompt.notes:
        return prompt
    try:
        await prime(counter, (prompt.text,))
    except (BackendError, TokenizerError):
        return prompt
    tokens = (counter.known(prompt.text) or 0) + counted.specials
    return replace(prompt, report=replace(prompt.report, sent=tokens))


async def prime(counter: Counter, texts: tuple[str, ...]) -> None:
    """Counts all texts. Raises BackendError, in time for a reply not to wait."""
    if time.monotonic() < counter.rests_until:
        raise TimedOut("the server does not count", seconds=PATIENCE, phase="count")
    try:
        async with asyncio.timeout(PATIENCE):
            await counter.prime(texts)
    except (TimedOut, TimeoutError) as error:
        counter.rests_until = time.monotonic() + REST
        raise TimedOut("the server does not count", seconds=PATIENCE, phase="count") from error


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


def _build(
    context: Context,
    counting: Counting,
    page: Page | None = None,
    stored: StoredCounts | None = None,
) -> Prompt:
    if page is None:
        return build_prompt(context, counting)
    policy = RunningWindow(page.sums, counting.behind, stored)
    prompt = build_prompt(context, counting, policy)
    if counting.missing:
        # Guesses stood in for these; the sums must not hold them.
        with page.sums.lock:
            page.sums.keep(0)
    return prompt
