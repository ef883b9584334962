"""Labels the pieces of a text prompt for the person who looks at it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.prompt.budget.fit import Material, Window
from core.prompt.context import Line, NoteRole
from core.prompt.draft import Draft
from core.prompt.inject import DEPTH_PROMPT_ID, LORE_ID, Injected
from core.prompt.prompt import Dropped, Part, PartKind
from core.prompt.text.story_string import StoryString
from core.prompt.text.text_history import Entry, TextLines

MAX_DROPPED_SHOWN = 50
"""Dropped messages that are listed; the report counts all."""

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


@dataclass(frozen=True, slots=True)
class Written:
    """The prompt, its last message as it stands there, and what follows that message."""

    text: str
    last: str
    opening: str


def text_parts(
    draft: Draft,
    story: StoryString,
    material: Material,
    lines: TextLines,
    window: Window,
    written: Written,
) -> Iterator[Part]:
    """The parts in prompt order, dropped ones where they would have stood."""
    yield from _story_parts(story.text, story.values)
    if material.pinned:
        yield Part(PartKind.EXAMPLE, "system", material.pinned, "dialogue examples")
    for index, element in enumerate(material.examples):
        dropped = None if index < window.examples else Dropped.NO_ROOM
        yield Part(PartKind.EXAMPLE, "system", element, "dialogue examples", dropped=dropped)
    if material.chat_start:
        yield Part(PartKind.SEPARATOR, "system", material.chat_start, "chat start")
    if window.aligned:
        yield Part(PartKind.UTILITY, "user", material.alignment, "user alignment message")
    yield from _messages(draft, lines, window, written.last)
    if written.opening:
        yield Part(PartKind.REPLY_START, "assistant", written.opening, draft.char)
    if material.tail:
        yield Part(PartKind.HISTORY, "assistant", material.tail, "the message that is continued")


def _story_parts(story: str, values: Mapping[str, str]) -> Iterator[Part]:
    """The story string cut at the values that stand in it; the rest is the template's own text."""
    position = 0
    for start, end, kind, source in _spans(story, values):
        if story[position:start].strip():
            yield Part(PartKind.STORY, "system", story[position:start], "context template")
            position = start
        # Blanks between two values belong to the one behind them.
        yield Part(kind, "system", story[position:end], source)
        position = end
    if position < len(story):
        yield Part(PartKind.STORY, "system", story[position:], "context template")


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


def _messages(draft: Draft, lines: TextLines, window: Window, last: str) -> Iterator[Part]:
    kept = set(window.kept)
    shown = [*window.kept]
    for index in range(len(lines)):
        if len(shown) - len(kept) >= MAX_DROPPED_SHOWN:
            break
        if index not in kept:
            shown.append(index)
    for index in sorted(shown, reverse=True):
        entry = lines.entry(index)
        if entry is None:
            continue
        dropped = None if index in kept else Dropped.NO_ROOM
        kind, role, source, id_ = _label(draft, entry)
        text = entry.text if dropped else lines.text(index)
        if window.kept and index == window.kept[0]:
            text = last
        yield Part(kind, role, text, source, window.counts.get(index), dropped, id_)


def _label(draft: Draft, entry: Entry) -> tuple[PartKind, str, str, int | None]:
    if isinstance(entry, Line):
        role = "system" if entry.narrator else "user" if entry.is_user else "assistant"
        return PartKind.HISTORY, role, entry.name, entry.id
    if isinstance(entry, Injected):
        role = {NoteRole.SYSTEM: "system", NoteRole.USER: "user"}.get(entry.role, "assistant")
        return _kind(entry), role, ", ".join(map(_source, entry.sources)), None
    return PartKind.INSTRUCTIONS, "user", "post-history instructions", None


def _kind(entry: Injected) -> PartKind:
    if all(source.startswith(LORE_ID) for source in entry.sources):
        return PartKind.LORE
    return PartKind.NOTE


def _source(source: str) -> str:
    if source.startswith(DEPTH_PROMPT_ID):
        return "character's note"
    if source.startswith(LORE_ID):
        return f"lore at depth {source.split('_')[1]}"
    return {
        "2_floating_prompt": "author's note",
        "PERSONA_DESCRIPTION": "persona",
        "__STORY_STRING__": "story string",
    }.get(source, source)
