"""The chat prompt: an ordered list of prompts, examples and history as one list of messages."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from core.backends.base import Kind, WireMessage
from core.lorebook import ScanResult
from core.prompt.chat_assembly import ChatAssembly
from core.prompt.chat_message import ChatMessage, Count, MessageCounter
from core.prompt.chat_window import ChatWindowPolicy, ExactChatWindow
from core.prompt.context import Purpose
from core.prompt.draft import Draft
from core.prompt.prompt import BudgetReport, Dropped, Part, Prompt
from core.prompt.stop import custom_stops

MAX_STOPS = 4
"""More are not sent in chat kind; the reply is cut at the others when it arrives."""


def chat_prompt(
    draft: Draft, lore: ScanResult, count: Count, policy: ChatWindowPolicy | None = None
) -> Prompt:
    """The messages for a model to answer. Raises NeedCounts."""
    assembly = ChatAssembly(draft, lore, count, policy or ExactChatWindow())
    assembly.run()
    placed = [message for message in assembly.slots.messages() if message.content]
    messages = placed
    if draft.context.chat_preset.squash_system_messages:
        messages = list(_squashed(placed))
    prefills = draft.continues and draft.context.chat_preset.continue_prefill
    return Prompt(
        Kind.CHAT,
        parts=tuple(_parts(placed, assembly.dropped)),
        messages=tuple(
            WireMessage(one.role, one.content, one.name, one.images) for one in messages
        ),
        stop=tuple(custom_stops(draft)[:MAX_STOPS]),
        report=_report(draft, assembly, placed),
        prefill=prefills and bool(messages) and messages[-1].role == "assistant",
    )


def lore_count(draft: Draft, count: Count) -> Count:
    """How lore is counted in this kind of prompt."""
    if draft.context.kind is Kind.TEXT:
        return count
    return MessageCounter(draft.context.chat_counting, count).lore


def _squashed(messages: Iterable[ChatMessage]) -> Iterator[ChatMessage]:
    """Neighbouring nameless system messages as one; separators and the nudge stay apart."""
    last: ChatMessage | None = None
    for message in messages:
        plain = message.role == "system" and message.name is None and not message.separate
        if plain and last is not None:
            last = replace(last, content=f"{last.content}\n{message.content}")
            continue
        if last is not None:
            yield last
        last = message if plain else None
        if not plain:
            yield message
    if last is not None:
        yield last


def _parts(placed: Iterable[ChatMessage], dropped: Iterable[ChatMessage]) -> Iterator[Part]:
    """What was left out first, then the prompt as it reads."""
    for message in dropped:
        yield replace(_part(message), dropped=Dropped.NO_ROOM)
    for message in placed:
        yield _part(message)


def _part(one: ChatMessage) -> Part:
    return Part(one.kind, one.role, one.content, one.source, one.tokens, message_id=one.message_id)


def _report(draft: Draft, assembly: ChatAssembly, placed: list[ChatMessage]) -> BudgetReport:
    sizes = draft.context.sizes
    shown = sum(one.role != "system" for one in placed)
    purposes = (Purpose.SWIPE, Purpose.REGENERATE, Purpose.CONTINUE)
    return BudgetReport(
        sizes.context,
        sizes.reply,
        0,
        used=sum(message.tokens for message in placed),
        messages_kept=assembly.kept_messages,
        messages_dropped=assembly.dropped_messages,
        examples_dropped=assembly.dropped_examples,
        first_included=max(0, len(draft.chat) - shown - (draft.context.purpose in purposes)),
        overflow=assembly.overflow,
    )
