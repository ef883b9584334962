"""The text prompt: story string, examples, history and the reply's opening as one string."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from core.kind import Kind
from core.lorebook import ScanResult
from core.patterns.characters import WHITE
from core.prompt.budget.window import Count, ExactWindow, WindowChoice, WindowInput, WindowPolicy
from core.prompt.context import HistoryMessage, Purpose
from core.prompt.notes import CARD_PROMPT, JoinedInjection, source_of
from core.prompt.prompt import MAX_DROPPED_SHOWN, BudgetReport, PartKind, Prompt, PromptPart
from core.prompt.prompt_build import PromptBuild
from core.prompt.stop_strings import custom_stops, stop_strings
from core.prompt.text.instruct import Instruct, InstructMessage, SequenceVariant
from core.prompt.text.story_string import StoryString, story_string
from core.prompt.text.text_history import Entry, TextHistory

_NEWLINES = re.compile(r"\n+")
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
class WrittenPrompt:
    """The prompt, its last message as it stands there, and what follows that message."""

    text: str
    last: str
    opening: str


def text_prompt(
    build: PromptBuild, lore: ScanResult, count: Count, policy: WindowPolicy | None = None
) -> Prompt:
    """One string for the model to go on with. Raises InvalidTemplate, NeedCounts."""
    template, grouped = build.context.instruct, build.context.group is not None
    instruct = (
        Instruct(template, build.user, build.char, grouped, build.expand) if template else None
    )
    story = story_string(build, lore, instruct)
    history = TextHistory(build, instruct)
    writer = _TextPromptWriter(build, instruct, story, history)
    pieces = writer.pieces()
    choice = (policy or ExactWindow()).choose(pieces, count)
    written = writer.write(choice, pieces)
    sizes = build.context.sizes
    return Prompt(
        Kind.TEXT,
        parts=tuple(
            _parts(story, pieces, history, choice, written, of_card=bool(build.card.system_prompt))
        ),
        text=written.text,
        stop=stop_strings(build, instruct),
        own_stop=tuple(custom_stops(build)),
        reply_start=writer.begun(written),
        nothing_sent=not build.context.guarded and writer.gives_up(choice),
        report=BudgetReport(
            sizes.context,
            sizes.reply,
            sizes.padding,
            used=choice.used,
            messages_kept=len(choice.kept),
            messages_dropped=len(history) - len(choice.kept),
            examples_dropped=len(pieces.examples) - choice.examples,
            first_included=build.first_included(
                len(set(choice.fitted).difference(history.injected))
            ),
            optional=len(set(choice.kept).difference(pieces.kept)) + choice.examples,
            overflow=story.is_cut,
        ),
    )


class _TextPromptWriter:
    def __init__(
        self,
        build: PromptBuild,
        instruct: Instruct | None,
        story: StoryString,
        history: TextHistory,
    ) -> None:
        self._build = build
        self._instruct = instruct
        self._story = story
        self._history = history
        context = build.context
        start = context.context_template.chat_start
        self._chat_start = build.expand(start + "\n") if start else ""
        self._reply_start = build.guard.reveal(build.reply_start)
        self._quiet = build.guard.reveal(build.quiet) if context.purpose is Purpose.QUIET else ""
        self._continued = history.take_newest() if build.continues and len(history) > 1 else ""

    def pieces(self) -> WindowInput:
        formatting, sizes = self._build.context.formatting, self._build.context.sizes
        pinned = formatting.pin_examples
        return WindowInput(
            budget=self._build.budget,
            padding=sizes.padding,
            story=self._story.text,
            pinned="".join(self._story.examples) if pinned else "",
            examples=[] if pinned else self._story.examples,
            chat_start=self._chat_start,
            messages=self._history,
            injected=self._history.injected,
            alignment=self._alignment(),
            opening=self._opened(""),
            continued=self._continued,
            kept=self._history.kept,
            is_counted_later=self._build.context.room is not None,
            finish=self._joined,
        )

    def _alignment(self) -> str:
        if self._instruct is None or not self._instruct.template.user_alignment_message:
            return ""
        text = self._build.expand(self._instruct.template.user_alignment_message)
        message = InstructMessage(self._build.user, text, is_user=True)
        return self._instruct.message(message, SequenceVariant.FIRST)

    def write(self, choice: WindowChoice, pieces: WindowInput) -> WrittenPrompt:
        messages = [self._history.text(index) for index in reversed(choice.kept)]
        if choice.aligned:
            messages.insert(0, pieces.alignment)
        chat, last, bare = self._joined(messages, choice.openings), "", 0
        if messages:
            chat += self._plain_reply_start(chat)
            last = self._last(messages[-1])
            bare = len("".join([*messages[:-1], last]))
        examples = pieces.pinned + "".join(pieces.examples[: choice.examples])
        text = self._story.text + examples + self._chat_start + chat + self._continued
        text = text.replace("\r", "")
        if self._build.context.formatting.collapse_newlines:
            text = _NEWLINES.sub("\n", text)
        return WrittenPrompt(text, last, chat[bare:])

    def begun(self, written: WrittenPrompt) -> str:
        """What the reply begins with, with the white space that follows it in the prompt."""
        start = self._reply_start.strip(WHITE)
        place = written.text.rfind(start) if start and start in written.opening else -1
        return written.text[place:] if place >= 0 else ""

    def gives_up(self, choice: WindowChoice) -> bool:
        """Whether SillyTavern breaks off: a reply's start with no message to put it behind."""
        bare = not choice.kept and not choice.aligned
        return bare and self._instruct is None and bool(self._reply_start.strip(WHITE))

    def _joined(self, messages: list[str], openings: int) -> str:
        """Messages, oldest first, with the reply opened at the end of the last one.

        Where nothing of the chat fits, the opening is missing too, as in SillyTavern 1.19.0.
        """
        if not messages:
            return ""
        last = self._last(messages[-1])
        for _ in range(openings):
            last = self._opened(last)
        return "".join([*messages[:-1], last])

    def _last(self, message: str) -> str:
        """The last message without its line end, where the reply's opening brings one."""
        is_quiet = self._build.context.purpose is Purpose.QUIET
        bare = self._instruct is None or (self._instruct.template.wrap and not is_quiet)
        return message.removesuffix("\n") if bare and not self._build.continues else message

    def _opened(self, text: str) -> str:
        """`text` with what opens the reply behind it."""
        context, instruct = self._build.context, self._instruct
        impersonates = context.purpose is Purpose.IMPERSONATE
        if instruct is not None:
            if self._quiet:
                message = InstructMessage(self._build.user, self._quiet, narrator=True)
                text += instruct.message(message)
            if self._build.continues:
                return text
            return text + instruct.opening(impersonates, bool(self._quiet), self._reply_start)
        if self._quiet:
            return f"{text}\n{self._quiet}"
        if impersonates:
            return _on_new_line(text) + f"{self._build.user}:"
        return self._plain_opened(text)

    def _plain_opened(self, text: str) -> str:
        """The character's name, also when it is printed already, as SillyTavern 1.19.0 does."""
        build = self._build
        continues_first = build.continues and len(build.chat) == 1
        if not build.context.formatting.always_force_name or continues_first:
            return text
        text = _on_new_line(text)
        if build.continues and build.chat and build.chat[-1].is_user:
            return text
        return text + f"{build.char}:"

    def _plain_reply_start(self, chat: str) -> str:
        """What the reply is made to begin with, after one blank; instruct mode has placed it."""
        start = self._reply_start
        if self._instruct is not None or not start.strip(WHITE):
            return ""
        start = start.lstrip(WHITE)
        return start if chat[-1:] and chat[-1] in WHITE else f" {start}"


def _on_new_line(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"


def _parts(
    story: StoryString,
    pieces: WindowInput,
    history: TextHistory,
    choice: WindowChoice,
    written: WrittenPrompt,
    *,
    of_card: bool,
) -> Iterator[PromptPart]:
    """The parts in prompt order, dropped ones where they would have stood.

    `of_card`: the system prompt is the card's own.
    """
    for part in _story_parts(story.text, story.values):
        is_cards = part.kind is PartKind.SYSTEM and of_card
        yield replace(part, source=CARD_PROMPT) if is_cards else part
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
        # White space at its ends may have gone with the template's own.
        value = values.get(name, "").strip()
        start = story.find(value) if value else -1
        while start >= 0 and any(start < e and s < start + len(value) for s, e, *_ in spans):
            start = story.find(value, start + 1)
        if start >= 0:
            spans.append((start, start + len(value), kind, source))
    return sorted(spans, key=lambda span: span[0])


def _messages(history: TextHistory, choice: WindowChoice, last: str) -> Iterator[PromptPart]:
    newest, kept = choice.kept[:1], set(choice.kept)
    dropped = (index for index in range(len(history)) if index not in kept)
    for index in sorted((*kept, *islice(dropped, MAX_DROPPED_SHOWN)), reverse=True):
        entry = history.entry(index)
        if entry is None:
            continue
        text = history.text(index) if index in kept else entry.text
        if index in newest:
            text = last
        kind, role, source, id_ = _label(entry)
        yield PromptPart(kind, role, text, source, choice.counts.get(index), index not in kept, id_)


def _label(entry: Entry) -> tuple[PartKind, str, str, int | None]:
    if isinstance(entry, HistoryMessage):
        return PartKind.HISTORY, entry.wire_role, entry.name, entry.id
    if isinstance(entry, JoinedInjection):
        kind = PartKind.LORE if entry.is_lore else PartKind.NOTE
        return kind, entry.role.wire, ", ".join(map(source_of, entry.sources)), None
    return PartKind.INSTRUCTIONS, "user", "post-history instructions", None
