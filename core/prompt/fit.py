"""The law of living prompts: what never gives way, what does and in which order.

SillyTavern sends whatever is left when the fixed parts fill the context, even without the words
that are to be answered. A living reply always holds the system prompt, the character's name, the
newest words of a person, the message that is continued and the line that lets the character speak;
all else gives way until the finished prompt fits. Where it cannot, nothing is sent.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from core.backends.types import WireMessage
from core.characters.character import Character
from core.kind import Kind
from core.macros.javascript import trim
from core.prompt.budget.window import Count, WindowPolicy
from core.prompt.build import build_prompt
from core.prompt.chat.messages import REQUEST_TOKENS, MessageCounter
from core.prompt.context import (
    LONGEST_MESSAGE,
    AuthorsNote,
    Context,
    GivesWay,
    GroupMode,
    PersonaDescription,
    Room,
)
from core.prompt.prompt import Misfit, PartKind, Prompt

EVERYTHING = 1 << 40
"""Tokens to spare so that neither history nor examples stay but what has to."""
SHORTEST_MESSAGE = 200
"""Characters that stay of a message even where there is hardly any room."""
STEPS = 64
"""In so many steps a text is shortened: what fits is found to a few parts in a hundred."""
MOST_LETTERS = 8
"""Characters that a token rarely has more of."""
SEAMS = 3
"""Tokens by which a part may count more inside of the finished text than by itself."""
PLAIN_TRIES = 3
TRIES = 8
"""Of these the later ones free more than seems to be needed."""


def fit_prompt(context: Context, count: Count, policy: WindowPolicy | None = None) -> Prompt:
    """The prompt of a living reply, never above the budget.

    Where what may not be missing does not fit, the prompt says so in its report and is not to be
    sent. Raises what `build_prompt` raises.
    """
    return _Fitting(count, policy).run(replace(context, room=Room()))


class _Fitting:
    def __init__(self, count: Count, policy: WindowPolicy | None) -> None:
        self._count = count
        self._policy = policy

    def run(self, context: Context) -> Prompt:
        first, prompt = self._filled(context)
        woken, wanted = len(first.lore.activated), context
        if prompt is None:
            smaller = self._smaller(context, woken)
            if smaller is None:
                return self._misfit(context, woken)
            context = smaller
            _, prompt = self._filled(context)
            assert prompt is not None
        # What was wanted tells which of the parts had words.
        left_out = _left_out(replace(wanted, room=context.room), prompt, woken)
        return replace(prompt, left_out=tuple(dict.fromkeys(left_out)))

    def _filled(self, context: Context) -> tuple[Prompt, Prompt | None]:
        """The first prompt that was tried, and the one that fits, with as much of the history and
        the examples as there is room for; None where it does not fit without them either."""
        first: Prompt | None = None
        for attempt in range(TRIES):
            prompt = build_prompt(context, self._count, self._policy)
            first = first or prompt
            over = self._over(context, prompt)
            if over <= 0:
                return first, self._weighed(context, prompt)
            if not prompt.report.optional:
                return first, None
            # The finished text has more tokens than its parts. What is freed may not be enough.
            spare = _room(context).spare + (over << max(0, attempt - PLAIN_TRIES))
            context = _with(context, spare=spare)
        assert first is not None
        bare = self._bare(context)
        fits = self._over(context, bare) <= 0
        return first, self._weighed(context, bare) if fits else None

    def _smaller(self, context: Context, woken: int) -> Context | None:
        """The context with as little given way as need be; None where all of it is not enough."""
        steps = list(_steps(context, woken))
        if not self._fits(steps[-1]):
            shorter = self._with_shorter_messages(context, steps[-1])
            if shorter is None:
                return None
            steps = list(_steps(shorter, woken))
        return steps[_first(len(steps), lambda index: self._fits(steps[index]))]

    def _with_shorter_messages(self, context: Context, last: Context) -> Context | None:
        """The context with messages that take half of the room at most, more where nothing else
        wants it. `last`: the same without all that gives way."""
        sizes = [SHORTEST_MESSAGE, *_sizes(self._longest(context), SHORTEST_MESSAGE)]
        sizes.sort(reverse=True)

        def most(one: Context) -> int | None:
            place = _first(len(sizes), lambda index: self._fits(_with(one, message=sizes[index])))
            return sizes[place] if place < len(sizes) else None

        alone, beside = most(last), most(context)
        if alone is None:
            return None
        # Never more than what fits alone, or no step would: a cut card may begin with its name.
        wanted = max(SHORTEST_MESSAGE, alone // 2, beside or 0)
        return _with(context, message=min(alone, wanted))

    def _longest(self, context: Context) -> int:
        """Characters of a message beyond which it need not be tried."""
        longest = max((len(one.text) for one in context.history), default=0)
        whole = max(longest, len(context.typed))
        return max(SHORTEST_MESSAGE, min(whole, MOST_LETTERS * context.budget, LONGEST_MESSAGE))

    def _fits(self, context: Context) -> bool:
        return self._over(context, self._bare(context)) <= 0

    def _bare(self, context: Context) -> Prompt:
        """The prompt without whatever history and examples may leave."""
        return build_prompt(_with(context, spare=EVERYTHING), self._count)

    def _over(self, context: Context, prompt: Prompt) -> int:
        """Tokens of the finished prompt beyond its budget."""
        if prompt.report.overflow:
            return max(1, context.budget)
        at_most = self._at_most(context, prompt)
        size = at_most if at_most <= context.budget else self._size(context, prompt)
        return size - context.budget

    def _at_most(self, context: Context, prompt: Prompt) -> int:
        """More than the finished prompt has: the whole is not counted without need."""
        if context.kind is Kind.CHAT:
            return EVERYTHING
        # What is kept free is in the sum only where something is fixed.
        return prompt.report.used + max(0, context.sizes.padding) + SEAMS * len(prompt.kept())

    def _weighed(self, context: Context, prompt: Prompt) -> Prompt:
        """The prompt with the tokens of its finished text, where that had to be counted."""
        if self._at_most(context, prompt) <= context.budget:
            return prompt
        padding = context.sizes.padding if context.kind is Kind.TEXT else 0
        sent = self._size(context, prompt) - padding
        return replace(prompt, report=replace(prompt.report, sent=sent))

    def _size(self, context: Context, prompt: Prompt) -> int:
        """Tokens of the finished prompt, with what is kept free beside it."""
        if context.kind is Kind.TEXT:
            return self._count(prompt.text) + context.sizes.padding
        counter = MessageCounter(context.chat_counting, self._count)
        messages: Sequence[WireMessage] = prompt.messages
        if context.as_taken is not None:
            messages = context.as_taken(messages, prompt.prefill, prompt.reply_start)
        sizes = (counter.message(one.role, one.content, one.name) for one in messages)
        return sum(sizes) + REQUEST_TOKENS

    def _misfit(self, context: Context, woken: int) -> Prompt:
        """The prompt with all that was wanted, and the sizes that tell why it cannot be sent."""
        *_, last = _steps(context, woken)
        last = _with(last, message=SHORTEST_MESSAGE)
        bare = self._bare(last)
        whole = self._bare(context)
        needed, wished = self._size(last, bare), self._size(context, whole)
        message = self._tokens(bare, PartKind.HISTORY)
        card = min(self._card(context, bare), needed - message)
        misfit = Misfit(card, needed - message - card, needed, max(needed, wished))
        padding = context.sizes.padding if context.kind is Kind.TEXT else 0
        return replace(whole, report=replace(whole.report, misfit=misfit, sent=wished - padding))

    def _tokens(self, prompt: Prompt, kind: PartKind) -> int:
        return sum(self._count(part.text) for part in prompt.kept() if part.kind is kind)

    def _card(self, context: Context, prompt: Prompt) -> int:
        """Tokens of what the card brings along: its own prompts may not be missing."""
        card, formatting = context.character, context.formatting
        own = [card.system_prompt] if formatting.prefer_character_prompt else []
        own += [card.post_history_instructions] if formatting.prefer_character_instructions else []
        described = self._tokens(prompt, PartKind.CARD)
        return described + sum(self._count(text) for text in own if text)


def _room(context: Context) -> Room:
    assert context.room is not None
    return context.room


def _with(context: Context, **changes: Any) -> Context:
    return replace(context, room=replace(_room(context), **changes))


def _without(context: Context, part: GivesWay) -> Context:
    room = _room(context)
    return replace(context, room=replace(room, gone=room.gone | {part}))


def _cards(context: Context) -> list[Character]:
    """The cards whose fields stand in the prompt."""
    group = context.group
    if group is None or group.mode is GroupMode.SWAP:
        return [context.character]
    return [context.character, *(member.character for member in group.members)]


def _steps(context: Context, woken: int) -> Iterator[Context]:
    """The context with more and more given way, in the order of `GivesWay`."""
    yield context
    formatting = replace(context.formatting, pin_examples=False)
    context = replace(_without(context, GivesWay.EXAMPLES), formatting=formatting)
    yield context
    for left in _sizes(woken, 0):
        context = _with(context, lore=left)
        yield context
    context = _without(context, GivesWay.SCENARIO)
    yield context
    context = _without(context, GivesWay.PERSONALITY)
    yield context
    context = replace(_without(context, GivesWay.PERSONA), persona=PersonaDescription())
    yield context
    context = replace(_without(context, GivesWay.NOTE), note=AuthorsNote())
    yield context
    longest = max(len(card.description) for card in _cards(context))
    for left in _sizes(min(longest, MOST_LETTERS * max(1, context.budget)), 0):
        context = _with(context, description=left)
        yield context


def _sizes(whole: int, least: int) -> Sequence[int]:
    """Sizes from the whole down to the least, in even steps; the whole itself is none of them."""
    span = whole - least
    steps = min(STEPS, max(span, 0))
    return [whole - -(-span * step // steps) for step in range(1, steps + 1)]


def _first(number: int, fits: Callable[[int], bool]) -> int:
    """The first of so many steps that fits, where all behind one that fits do as well."""
    return bisect_left(range(number), True, key=fits)


def _left_out(context: Context, prompt: Prompt, woken: int) -> Iterator[GivesWay]:
    """What is not in the prompt although somebody wrote it for this story; older history apart."""
    room, cards = _room(context), _cards(context)
    own = {
        GivesWay.EXAMPLES: [context.overrides.examples, *(card.mes_example for card in cards)],
        GivesWay.SCENARIO: [context.overrides.scenario, *(card.scenario for card in cards)],
        GivesWay.PERSONALITY: [card.personality for card in cards],
        GivesWay.PERSONA: [context.persona.description],
        GivesWay.NOTE: [context.note.text, *(card.depth_prompt.text for card in cards)],
    }
    if prompt.report.examples_dropped:
        yield GivesWay.EXAMPLES
    for part, texts in own.items():
        if part in room.gone and any(map(trim, texts)):
            yield part
    if room.lore is not None and room.lore < woken:
        yield GivesWay.LORE
    if room.description is not None and room.description < max(
        len(card.description) for card in cards
    ):
        yield GivesWay.DESCRIPTION
    if prompt.is_shortened:
        yield GivesWay.MESSAGE
