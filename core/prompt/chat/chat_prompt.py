"""The chat prompt: an ordered list of prompts, examples and history as one list of messages."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from core.backends.types import WireMessage
from core.kind import Kind
from core.lorebook import ScanResult
from core.prompt.budget.window import Count
from core.prompt.chat.assembly import CHAT_START, ChatAssembly
from core.prompt.chat.messages import ChatMessage, MessageCounter
from core.prompt.chat.prompt_list import EXAMPLES, HISTORY
from core.prompt.prompt import BudgetReport, PartKind, Prompt, PromptPart
from core.prompt.prompt_build import PromptBuild
from core.prompt.stop_strings import custom_stops

MAX_STOPS = 4
"""More are not sent in chat kind; the reply is cut at the others when it arrives."""


def chat_prompt(build: PromptBuild, lore: ScanResult, count: Count) -> Prompt:
    """The messages for a model to answer. Raises NeedCounts."""
    assembly = ChatAssembly(build, lore, count)
    assembly.run()
    everything = list(assembly.sections.messages())
    placed = [message for message in everything if message.content]
    messages = placed
    if build.context.chat_preset.squash_system_messages:
        messages = list(_squashed(everything))
    prefills = build.continues and build.context.chat_preset.continue_prefill
    begun = placed[-1].content if placed and placed[-1].kind is PartKind.REPLY_START else ""
    own = tuple(custom_stops(build))
    return Prompt(
        Kind.CHAT,
        parts=tuple(_parts(placed, assembly)),
        messages=tuple(
            WireMessage(one.role, one.content, one.name, one.images) for one in messages
        ),
        stop=own[:MAX_STOPS],
        own_stop=own,
        reply_start=begun,
        report=_report(build, assembly, placed),
        prefill=(prefills or bool(begun))
        and messages[-1:] != []
        and messages[-1].role == "assistant",
    )


def lore_count(build: PromptBuild, count: Count) -> Count:
    """How lore is counted in this kind of prompt."""
    if build.context.kind is Kind.TEXT:
        return count
    return MessageCounter(build.context.chat_counting, count).lore


def _squashed(messages: Iterable[ChatMessage]) -> Iterator[ChatMessage]:
    """Neighbouring nameless system messages as one; separators and the nudge stay apart.

    An empty message of another role is not sent but keeps its neighbours apart.
    """
    last: ChatMessage | None = None
    for message in messages:
        if message.role == "system" and not message.content:
            continue
        is_plain = message.role == "system" and message.name is None and not message.separate
        if is_plain and last is not None:
            last = replace(last, content=f"{last.content}\n{message.content}")
            continue
        if last is not None:
            yield last
        last = message if is_plain else None
        if not is_plain and message.content:
            yield message
    if last is not None:
        yield last


def _parts(placed: Sequence[ChatMessage], assembly: ChatAssembly) -> Iterator[PromptPart]:
    """The prompt as it reads, with what was left out where it would have stood."""
    examples, history = assembly.left_out[EXAMPLES], assembly.left_out[HISTORY]
    kinds = [one.kind is PartKind.HISTORY or one.source == CHAT_START for one in placed]
    start = kinds.index(True) if True in kinds else len(placed)
    behind = start + (start < len(placed) and placed[start].source == CHAT_START)
    yield from map(_part, placed[:start])
    yield from map(_dropped, examples)
    yield from map(_part, placed[start:behind])
    yield from map(_dropped, history)
    yield from map(_part, placed[behind:])


def _part(one: ChatMessage) -> PromptPart:
    return PromptPart(
        one.kind, one.role, one.content, one.source, one.tokens, message_id=one.message_id
    )


def _dropped(one: ChatMessage) -> PromptPart:
    tokens = one.tokens or None
    return PromptPart(one.kind, one.role, one.content, one.source, tokens, dropped=True)


def _report(build: PromptBuild, assembly: ChatAssembly, placed: list[ChatMessage]) -> BudgetReport:
    sizes = build.context.sizes
    shown = sum(one.role != "system" for one in placed)
    return BudgetReport(
        sizes.context,
        sizes.reply,
        0,
        used=sum(message.tokens for message in placed),
        messages_kept=assembly.kept_messages,
        messages_dropped=assembly.dropped_messages,
        examples_dropped=assembly.dropped_examples,
        first_included=build.first_included(shown),
        overflow=assembly.overflow,
    )
