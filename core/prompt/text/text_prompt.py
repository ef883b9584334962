"""The text prompt: story string, examples, history and the reply's opening as one string."""

import re

from core.kind import Kind
from core.lorebook import ScanResult
from core.macros.javascript import WHITE
from core.prompt.budget.fit import Count, ExactWindow, Material, Window, WindowPolicy
from core.prompt.context import Purpose
from core.prompt.draft import Draft
from core.prompt.prompt import BudgetReport, Prompt
from core.prompt.text.instruct import Instruct, Speech, Variant
from core.prompt.text.parts import Written, text_parts
from core.prompt.text.stop_strings import custom_stops, stop_strings
from core.prompt.text.story_string import StoryString, story_string
from core.prompt.text.text_history import TextLines

_NEWLINES = re.compile(r"\n+")


def text_prompt(
    draft: Draft, lore: ScanResult, count: Count, policy: WindowPolicy | None = None
) -> Prompt:
    """One string for the model to go on with. Raises InvalidTemplate, NeedCounts."""
    instruct = make_instruct(draft)
    story = story_string(draft, lore, instruct)
    lines = TextLines(draft, instruct)
    writer = _Writer(draft, instruct, story, lines)
    material = writer.material()
    window = (policy or ExactWindow()).choose(material, count)
    written = writer.write(window, material)
    sizes = draft.context.sizes
    return Prompt(
        Kind.TEXT,
        parts=tuple(text_parts(draft, story, material, lines, window, written)),
        text=written.text,
        stop=stop_strings(draft, instruct),
        own_stop=tuple(custom_stops(draft)),
        reply_start=writer.begun(written),
        nothing_sent=not draft.context.guarded and writer.gives_up(window),
        report=BudgetReport(
            sizes.context,
            sizes.reply,
            sizes.padding,
            used=window.used,
            messages_kept=len(window.kept),
            messages_dropped=len(lines) - len(window.kept),
            examples_dropped=len(material.examples) - window.examples,
            first_included=_first_included(draft, lines, window),
        ),
    )


def make_instruct(draft: Draft) -> Instruct | None:
    """The instruct template at work; None where instruct mode is off."""
    template = draft.context.instruct
    if template is None:
        return None
    grouped = draft.context.group is not None
    return Instruct(template, draft.user, draft.char, grouped, draft.expand)


def _first_included(draft: Draft, lines: TextLines, window: Window) -> int:
    """What `{{firstIncludedMessageId}}` gives in the next prompt."""
    shown = len(set(window.fitted).difference(lines.injected))
    purposes = (Purpose.SWIPE, Purpose.REGENERATE, Purpose.CONTINUE)
    return max(0, len(draft.chat) - shown - (draft.context.purpose in purposes))


class _Writer:
    """Puts the chosen pieces together."""

    def __init__(
        self, draft: Draft, instruct: Instruct | None, story: StoryString, lines: TextLines
    ) -> None:
        self._draft = draft
        self._instruct = instruct
        self._story = story
        self._lines = lines
        context = draft.context
        start = context.context_template.chat_start
        self._chat_start = draft.expand(start + "\n") if start else ""
        self._reply_start = draft.guard.reveal(draft.reply_start)
        self._quiet = draft.guard.reveal(draft.quiet) if context.purpose is Purpose.QUIET else ""
        self._tail = lines.take_newest() if draft.continues and len(lines) > 1 else ""

    def material(self) -> Material:
        """What the window policy chooses from."""
        formatting, sizes = self._draft.context.formatting, self._draft.context.sizes
        pinned = formatting.pin_examples
        return Material(
            budget=self._draft.context.budget,
            padding=sizes.padding,
            story=self._story.text,
            pinned="".join(self._story.examples) if pinned else "",
            examples=[] if pinned else self._story.examples,
            chat_start=self._chat_start,
            messages=self._lines,
            injected=self._lines.injected,
            alignment=self._alignment(),
            opening=self._opened(""),
            tail=self._tail,
            finish=self._joined,
        )

    def _alignment(self) -> str:
        if self._instruct is None or not self._instruct.template.user_alignment_message:
            return ""
        text = self._draft.expand(self._instruct.template.user_alignment_message)
        speech = Speech(self._draft.user, text, is_user=True)
        return self._instruct.message(speech, Variant.FIRST)

    def write(self, window: Window, material: Material) -> Written:
        """The prompt."""
        messages = [self._lines.text(index) for index in reversed(window.kept)]
        if window.aligned:
            messages.insert(0, material.alignment)
        chat, bare = self._joined(messages, window.openings), 0
        if messages:
            chat += self._plain_reply_start(chat)
            bare = len("".join([*messages[:-1], self._last(messages[-1])]))
        examples = material.pinned + "".join(material.examples[: window.examples])
        text = self._story.text + examples + self._chat_start + chat + self._tail
        text = text.replace("\r", "")
        if self._draft.context.formatting.collapse_newlines:
            text = _NEWLINES.sub("\n", text)
        last = self._last(messages[-1]) if messages else ""
        return Written(text, last, chat[bare:])

    def begun(self, written: Written) -> str:
        """What the reply begins with, with the white space that follows it in the prompt."""
        start = self._reply_start.strip(WHITE)
        place = written.text.rfind(start) if start and start in written.opening else -1
        return written.text[place:] if place >= 0 else ""

    def gives_up(self, window: Window) -> bool:
        """Whether SillyTavern breaks off: a reply's start with no message to put it behind."""
        bare = not window.kept and not window.aligned
        return bare and self._instruct is None and bool(self._reply_start.strip(WHITE))

    def _joined(self, messages: list[str], openings: int) -> str:
        """Messages, oldest first, with the reply opened at the end of the last one.

        Where nothing of the chat fits, the opening is missing too (SEMANTICS 15).
        """
        if not messages:
            return ""
        last = self._last(messages[-1])
        for _ in range(openings):
            last = self._opened(last)
        return "".join([*messages[:-1], last])

    def _last(self, message: str) -> str:
        """The last message without its line end, where the reply's opening brings one."""
        if self._draft.continues or not self._ends_bare():
            return message
        return message.removesuffix("\n")

    def _ends_bare(self) -> bool:
        """Whether the last message loses its line end."""
        quiet = self._draft.context.purpose is Purpose.QUIET
        return self._instruct is None or (self._instruct.template.wrap and not quiet)

    def _opened(self, text: str) -> str:
        """`text` with what opens the reply behind it."""
        context, instruct = self._draft.context, self._instruct
        impersonates = context.purpose is Purpose.IMPERSONATE
        if instruct is not None:
            if self._quiet:
                speech = Speech(self._draft.user, self._quiet, narrator=True)
                text += instruct.message(speech)
            if self._draft.continues:
                return text
            return text + instruct.opening(impersonates, bool(self._quiet), self._reply_start)
        if self._quiet:
            return f"{text}\n{self._quiet}"
        if impersonates:
            return _on_new_line(text) + f"{self._draft.user}:"
        return self._plain_opened(text)

    def _plain_opened(self, text: str) -> str:
        """The character's name, also when it is printed already (SEMANTICS 15)."""
        draft = self._draft
        continues_first = draft.continues and len(draft.chat) == 1
        if not draft.context.formatting.always_force_name or continues_first:
            return text
        text = _on_new_line(text)
        if draft.continues and draft.chat and draft.chat[-1].is_user:
            return text
        return text + f"{draft.char}:"

    def _plain_reply_start(self, chat: str) -> str:
        """What the reply is made to begin with, after one blank; instruct mode has placed it."""
        start = self._reply_start
        if self._instruct is not None or not start.strip(WHITE):
            return ""
        start = start.lstrip(WHITE)
        return start if chat[-1:] and chat[-1] in WHITE else f" {start}"


def _on_new_line(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"
