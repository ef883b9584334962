"""Builds a prompt off the event loop, with every count it needs; what is remembered of counts."""

import asyncio
import time
import zlib
from dataclasses import dataclass, field, replace

from cachetools import LRUCache

from core.chat.history import History
from core.chat.message import Message
from core.engine.prompt_context import LineCache
from core.errors import BackendError, NeedCounts, PromptTooLong, TokenizerError
from core.models_in_use.token_counter import TokenCounter, prime
from core.prompt.budget.running_window import RunningSums, RunningWindow
from core.prompt.context import Context, HistoryMessage
from core.prompt.fit import fit_prompt
from core.prompt.prompt import Prompt
from core.storage.messages import Counts
from core.tokenizers.tokenizer import Counter, Counting, Estimate

STORIES = 64


@dataclass(slots=True)
class SpeakerCounts:
    """A speaker's counts in one story by one tokenizer. `key` names it, empty for an estimate."""

    key: str
    history: History
    sums: RunningSums = field(default_factory=RunningSums)

    def stored(self) -> "StoredCounts | None":
        """For one build of a prompt: what the messages already know. None for an estimate."""
        return StoredCounts(self.key, self.history) if self.key else None


class StoredCounts:
    """Counts that are stored with messages, valid for the very text they were made of."""

    def __init__(self, key: str, history: History) -> None:
        self._key = key
        self._of = f"{key}.text"
        self._history = history
        self._fresh: dict[int, tuple[str, int]] = {}

    def get(self, line: HistoryMessage, text: str) -> int | None:
        message = None if line.id is None else self._history.find(line.id)
        if message is None or message.counts.get(self._of) != digest(text):
            return None
        return message.counts.get(self._key)

    def put(self, line: HistoryMessage, text: str, count: int) -> None:
        if line.id is not None:
            self._fresh[line.id] = (text, count)

    def take(self) -> Counts:
        """Those that are not yet stored."""
        taken: list[tuple[Message, int]] = []
        for id_, (text, count) in self._fresh.items():
            message = self._history.find(id_)
            if message is not None:
                # A memory of the message's, not a part of what it is.
                message.counts.update({self._key: count, self._of: digest(text)})
                taken.append((message, count))
        self._fresh.clear()
        return Counts(self._key, taken)


class CountCache:
    def __init__(self) -> None:
        self._speakers: LRUCache[tuple[int, int, str], SpeakerCounts] = LRUCache(STORIES)
        self._lines: LRUCache[int, LineCache] = LRUCache(STORIES)

    def lines(self, story_id: int) -> LineCache:
        return self._lines.setdefault(story_id, LineCache())

    def of(self, history: History, story_id: int, speaker_id: int, key: str) -> SpeakerCounts:
        """What is known of a speaker's counts; nothing where history or tokenizer is another."""
        place = (story_id, speaker_id, key)
        known = self._speakers.get(place)
        if known is None or known.history is not history:
            known = self._speakers[place] = SpeakerCounts(key, history)
        return known


def digest(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))


ROUNDS = 8
"""A remote tokenizer is asked this often: for the parts, then for the finished text, which may turn
out too long and be made anew."""
LONGEST_COUNT = 20.0
"""Seconds of waiting for counts after which the rounds end; then everything is estimated."""
ESTIMATED = "counts: estimated"
"""Note on a prompt whose counts the server should have made and did not."""
ROOM = 0.9
"""A prompt that the server found too long is built again for this share of its context."""


@dataclass(frozen=True, slots=True)
class Built:
    """A prompt, and the counts that were made for it and are to be kept with the messages."""

    prompt: Prompt
    counts: Counts = field(default_factory=Counts)


async def build(
    context: Context, counter: TokenCounter, padding: int = 0, known: SpeakerCounts | None = None
) -> Built:
    """The prompt. Raises InvalidTemplate.

    Where the server that should count does not, this reply goes by estimates, with `padding` kept
    free, and the prompt carries the note `ESTIMATED`.
    """
    waited = 0.0
    for _ in range(ROUNDS):
        if waited > LONGEST_COUNT:
            break
        stored = known.stored() if known else None
        counting = Counting(counter.counter, counter.factor)
        prompt = await asyncio.to_thread(_build, context, counting, known, stored)
        try:
            counting.settle()
        except NeedCounts as need:
            asked = time.monotonic()
            try:
                await prime(counter.counter, need.texts)
            except (BackendError, TokenizerError):
                break
            waited += time.monotonic() - asked
        else:
            return Built(prompt, stored.take() if stored else Counts())
    # None is mixed in: either all counts are the server's own, or none.
    sizes = replace(context.sizes, padding=padding)
    counting = Counting(Counter(Estimate()), counter.factor)
    prompt = await asyncio.to_thread(_build, replace(context, sizes=sizes), counting)
    return Built(replace(prompt, notes=(*prompt.notes, ESTIMATED)))


async def weighed(prompt: Prompt, counter: TokenCounter) -> Prompt:
    """The prompt with its finished text counted as one, which its parts do not quite add up to.

    Unchanged in chat kind, where nobody knows the text that a server makes of the messages, and
    where the counts are estimates.
    """
    if not prompt.text or not counter.counter.tokenizer.is_exact or ESTIMATED in prompt.notes:
        return prompt
    try:
        await prime(counter.counter, (prompt.text,))
    except (BackendError, TokenizerError):
        return prompt
    tokens = (counter.counter.known(prompt.text) or 0) + counter.specials
    return replace(prompt, report=replace(prompt.report, sent=tokens))


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
    known: SpeakerCounts | None = None,
    stored: StoredCounts | None = None,
) -> Prompt:
    # Scripts with limits of depth rewrite a message when newer ones come: sums would not hold.
    if known is None or (context.scripts is not None and context.scripts.minds_depth):
        return fit_prompt(context, counting)
    policy = RunningWindow(known.sums, counting.behind, stored)
    prompt = fit_prompt(context, counting, policy)
    if counting.missing:
        # Guesses stood in for these; the sums must not hold them.
        with known.sums.lock:
            known.sums.keep(0)
    return prompt
