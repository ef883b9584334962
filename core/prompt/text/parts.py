"""Labels the pieces of a text prompt for the person who looks at it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from core.prompt.budget.window import WindowChoice, WindowInput
from core.prompt.context import HistoryMessage
from core.prompt.notes import (
    DEPTH_PROMPT_ID,
    LORE_ID,
    NOTE_ID,
    PERSONA_ID,
    STORY_ID,
    JoinedInjection,
)
from core.prompt.prompt import MAX_DROPPED_SHOWN, PartKind, PromptPart
from core.prompt.text.story_string import StoryString
from core.prompt.text.text_history import Entry, TextHistory

_LABELS = {
    "anchorBefore": (PartKind.NOTE, "author's note"),
    "system": (PartKind.SYSTEM, "system prompt"),
    "wiBefore": (PartKind.LORE, "lore before the character"),
    "description": (PartKind.CARD, "description"),
    "personality": (PartKind.CARD, "personality"),
    "scenario": (PartKind.CARD, "scenario"),
    "wiAfter": (PartKind.LORE, "lore after the character"),
    "persona": (PartKind.PERSONA, "persona"),
    "anchorAfter": (PartKind.NOTE, "author's note"),
    "mesExamples": (PartKind.EXAMPLE, "dialogue examples"),
}
_SOURCES = {NOTE_ID: "author's note", PERSONA_ID: "persona", STORY_ID: "story string"}


@dataclass(frozen=True, slots=True)
class WrittenPrompt:
    """The prompt, its last message as it stands there, and what follows that message."""

    text: str
    last: str
    opening: str


def text_parts(
    story: StoryString,
    pieces: WindowInput,
    history: TextHistory,
    choice: WindowChoice,
    written: WrittenPrompt,
) -> Iterator[PromptPart]:
    """The parts in prompt order, dropped ones where they would have stood."""
    yield from _story_parts(story.text, story.values)
    if pieces.pinned:
        yield PromptPart(PartKind.EXAMPLE, "system", pieces.pinned, "dialogue examples")
    for index, element in enumerate(pieces.examples):
        dropped = index >= choice.examples
        yield PromptPart(PartKind.EXAMPLE, "system", element, "dialogue examples", dropped=dropped)
    if pieces.chat_start:
        yield PromptPart(PartKind.SEPARATOR, "system", pieces.chat_start, "chat start")
    if choice.aligned:
        yield PromptPart(PartKind.UTILITY, "user", pieces.alignment, "user alignment message")
    yield from _messages(history, choice, written.last)
    if written.opening:
        yield PromptPart(PartKind.REPLY_START, "assistant", written.opening, history.char)
    if pieces.continued:
        source = "the message that is continued"
        yield PromptPart(PartKind.HISTORY, "assistant", pieces.continued, source)


def _story_parts(story: str, values: Mapping[str, str]) -> Iterator[PromptPart]:
    """The story string cut at the values that stand in it; the rest is the template's own text."""
    position = 0
    for start, end, kind, source in _spans(story, values):
        if story[position:start].strip():
            yield PromptPart(PartKind.STORY, "system", story[position:start], "context template")
            position = start
        # Blanks between two values belong to the one behind them.
        yield PromptPart(kind, "system", story[position:end], source)
        position = end
    if position < len(story):
        yield PromptPart(PartKind.STORY, "system", story[position:], "context template")


def _spans(story: str, values: Mapping[str, str]) -> list[tuple[int, int, PartKind, str]]:
    spans: list[tuple[int, int, PartKind, str]] = []
    for name, (kind, source) in _LABELS.items():
        value = values.get(name, "")
        start = story.find(value) if value.strip() else -1
        while start >= 0 and any(start < e and s < start + len(value) for s, e, *_ in spans):
            start = story.find(value, start + 1)
        if start >= 0:
            spans.append((start, start + len(value), kind, source))
    return sorted(spans, key=lambda span: span[0])


def _messages(history: TextHistory, choice: WindowChoice, last: str) -> Iterator[PromptPart]:
    kept = set(choice.kept)
    dropped = (index for index in range(len(history)) if index not in kept)
    for index in sorted((*kept, *islice(dropped, MAX_DROPPED_SHOWN)), reverse=True):
        entry = history.entry(index)
        if entry is None:
            continue
        text = history.text(index) if index in kept else entry.text
        if choice.kept and index == choice.kept[0]:
            text = last
        kind, role, source, id_ = _label(entry)
        tokens = choice.counts.get(index)
        yield PromptPart(kind, role, text, source, tokens, index not in kept, id_)


def _label(entry: Entry) -> tuple[PartKind, str, str, int | None]:
    if isinstance(entry, HistoryMessage):
        return PartKind.HISTORY, entry.wire_role, entry.name, entry.id
    if isinstance(entry, JoinedInjection):
        kind = PartKind.LORE if entry.is_lore else PartKind.NOTE
        return kind, entry.role.wire, ", ".join(map(_source, entry.sources)), None
    return PartKind.INSTRUCTIONS, "user", "post-history instructions", None


def _source(source: str) -> str:
    if source.startswith(DEPTH_PROMPT_ID):
        return "character's note"
    if source.startswith(LORE_ID):
        return f"lore at depth {source.split('_')[1]}"
    return _SOURCES.get(source, source)
