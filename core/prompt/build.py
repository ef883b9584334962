"""Builds one prompt, top to bottom."""

from dataclasses import replace

from core.kind import Kind
from core.lorebook import ScanResult
from core.prompt.budget.fit import Count, WindowPolicy
from core.prompt.chat.chat_prompt import chat_prompt, lore_count
from core.prompt.context import Context
from core.prompt.dialogue import finished_examples
from core.prompt.lore import find_lore, fires
from core.prompt.notes import place_notes
from core.prompt.opening import open_draft
from core.prompt.prompt import Activated, Prompt
from core.prompt.text.text_prompt import text_prompt


def build_prompt(context: Context, count: Count, policy: WindowPolicy | None = None) -> Prompt:
    """The prompt of one reply: pure, in the order of work of SillyTavern.

    Raises NeedCounts, and InvalidTemplate for an unguarded context's broken story string.
    """
    draft = open_draft(context)
    lore = finished_examples(draft, find_lore(draft, lore_count(draft, count)))
    place_notes(draft, lore, fires(draft))
    draft.learn(outlets=lore.outlets)
    if context.kind is Kind.TEXT:
        prompt = text_prompt(draft, lore, count, policy)
    else:
        prompt = chat_prompt(draft, lore, count)
    return replace(
        prompt,
        activated=_activated(lore),
        lore=lore,
        notes=(*draft.notes, *(f"regex-stopped: {one.book}: {one.key}" for one in lore.stopped)),
        timed_after=lore.timed,
        effects=draft.macros.effects,
    )


def _activated(lore: ScanResult) -> tuple[Activated, ...]:
    return tuple(
        Activated(
            one.book,
            one.entry.uid,
            one.entry.comment,
            f"{one.cause}: {one.key}" if one.key else str(one.cause),
            one.entry.position.name.lower().replace("_", " "),
        )
        for one in lore.activated
    )
