"""The text prompt: story string, examples, history and the reply's opening as one string."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from core.backends.base import Kind
from core.lorebook import ScanResult
from core.macros.javascript import WHITE
from core.prompt.card import finish_field
from core.prompt.context import NoteRole, PersonaPlace, Place, Purpose
from core.prompt.draft import Draft
from core.prompt.examples import HEADING, Speakers, blocks, format_instruct
from core.prompt.fit import Count, ExactWindow, Material, Window, WindowPolicy
from core.prompt.inject import STORY_ID, Injection, anchor
from core.prompt.instruct import Instruct, Speech, Variant
from core.prompt.lines import TextLines
from core.prompt.names import member_names
from core.prompt.parts import text_parts
from core.prompt.prompt import BudgetReport, Prompt
from core.prompt.stop import stop_strings
from core.prompt.story import read_story
from core.prompt.templates import StoryPosition

_NEWLINES = re.compile(r"\n+")


@dataclass(frozen=True, slots=True)
class Story:
    """The story string with what stands in it, and the example elements behind it."""

    text: str
    values: dict[str, str]
    examples: list[str]


def text_prompt(
    draft: Draft, lore: ScanResult, count: Count, policy: WindowPolicy | None = None
) -> Prompt:
    """One string for the model to go on with. Raises InvalidTemplate, NeedCounts."""
    instruct = make_instruct(draft)
    story = _story(draft, lore, instruct)
    lines = TextLines(draft, instruct, _instructions(draft))
    writer = _Writer(draft, instruct, story, lines)
    material = writer.material()
    window = (policy or ExactWindow()).choose(material, count)
    text = writer.write(window, material)
    sizes = draft.context.sizes
    return Prompt(
        Kind.TEXT,
        parts=tuple(text_parts(draft, story.text, story.values, material, lines, window, text)),
        text=text,
        stop=stop_strings(draft, instruct),
        report=BudgetReport(
            sizes.context,
            sizes.reply,
            sizes.padding,
            window.used,
            len(window.kept),
            len(lines) - len(window.kept),
            len(material.examples) - window.examples,
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


def speakers(draft: Draft) -> Speakers:
    """Whose lines dialogue examples are searched for."""
    group = draft.context.group
    return Speakers(draft.user, draft.char, tuple(member_names(group)), group is not None)


def separator(draft: Draft) -> str:
    """What stands between example blocks, with its line end."""
    text = draft.context.context_template.example_separator
    return draft.expand(text) + "\n" if text else ""


def example_blocks(draft: Draft, lore: ScanResult, heading: str) -> list[str]:
    """The card's blocks with lore around them; entries for the top are put in front one by one."""
    finish = finish_field(draft.context, draft.macros)
    parsed = blocks(draft.fields.examples, heading)
    for text in lore.examples_top:
        parsed = blocks(finish(text, None), heading) + parsed
    for text in lore.examples_bottom:
        parsed = parsed + blocks(finish(text, None), heading)
    return [draft.guard.reveal(block) for block in parsed]


def example_formatter(draft: Draft) -> Callable[[str], str]:
    """What `{{mesExamples}}` makes of the card's examples in this prompt."""

    def formatted(text: str) -> str:
        between, instruct = separator(draft), draft.context.instruct
        if instruct is None:
            heading = HEADING if draft.context.kind is Kind.CHAT else between
            return "".join(blocks(text, heading))
        parsed = blocks(text, HEADING)
        return "".join(format_instruct(parsed, instruct, speakers(draft), between, draft.expand))

    return formatted


def _story(draft: Draft, lore: ScanResult, instruct: Instruct | None) -> Story:
    context, template = draft.context, draft.context.context_template
    between = separator(draft)
    raw = example_blocks(draft, lore, HEADING if instruct else between)
    examples = raw
    if instruct is not None:
        examples = format_instruct(raw, instruct.template, speakers(draft), between, draft.expand)
    values = _values(draft, lore, examples, raw)
    text = _rendered(draft, values)
    text = _ended(draft, text)
    if template.story_string_position is StoryPosition.IN_CHAT:
        role = NoteRole(template.story_string_role)
        depth = template.story_string_depth
        draft.injections.append(Injection(STORY_ID, text, Place.IN_CHAT, depth, role))
        text = ""
    elif instruct is not None:
        text = instruct.story(text)
    return Story(text, values, [] if context.formatting.strip_examples else examples)


def _values(draft: Draft, lore: ScanResult, examples: list[str], raw: list[str]) -> dict[str, str]:
    """The variables of the story string."""
    fields, persona = draft.fields, draft.context.persona
    in_prompt = persona.place is PersonaPlace.IN_PROMPT
    names = draft.macros.environment.names
    system = _system_prompt(draft)
    return {
        "system": system,
        "description": fields.description,
        "personality": fields.personality,
        "persona": fields.persona if in_prompt else "",
        "scenario": fields.scenario,
        "char": names.char,
        "user": names.user,
        "wiBefore": lore.before,
        "wiAfter": lore.after,
        "loreBefore": lore.before,
        "loreAfter": lore.after,
        "anchorBefore": anchor(draft.injections, Place.BEFORE_STORY, draft.macros.expand),
        "anchorAfter": anchor(draft.injections, Place.AFTER_STORY, draft.macros.expand),
        "mesExamples": "".join(examples),
        "mesExamplesRaw": "".join(raw),
    }


def _rendered(draft: Draft, values: dict[str, str]) -> str:
    story = read_story(draft.context.context_template.story_string)
    text = story.render(values, lambda name: draft.macros.expand("{{" + name + "}}"))
    return draft.expand(text).lstrip("\n")


def _ended(draft: Draft, story: str) -> str:
    """The story string with a line end, where nothing else would part it from what follows."""
    instruct = draft.context.instruct
    in_chat = draft.context.context_template.story_string_position is StoryPosition.IN_CHAT
    if not story or story.endswith("\n") or in_chat:
        return story
    parted = instruct is not None and (not instruct.wrap or instruct.story_string_suffix)
    return story if parted else story + "\n"


def _system_prompt(draft: Draft) -> str:
    """The card's system prompt where it is preferred, else the preset's."""
    system, macros = draft.context.system_prompt, draft.macros
    if not system.enabled:
        return ""
    own = draft.fields.system_prompt
    if own:
        text = macros.expand(own, original=system.content)
    else:
        text = finish_field(draft.context, macros)(system.content, None)
    if draft.context.instruct is not None:
        text = macros.expand(text, original=system.content)
    return text


def _instructions(draft: Draft) -> str:
    """Post-history instructions, by the same rule."""
    system, macros = draft.context.system_prompt, draft.macros
    if not system.enabled:
        return ""
    own = draft.fields.instructions
    if own:
        text = macros.expand(own, original=system.post_history)
    else:
        text = finish_field(draft.context, macros)(system.post_history, None)
    return draft.guard.reveal(text)


def _first_included(draft: Draft, lines: TextLines, window: Window) -> int:
    """What `{{firstIncludedMessageId}}` gives in the next prompt."""
    placed = set(lines.injected)
    shown = sum(index not in placed for index in window.kept)
    purposes = (Purpose.SWIPE, Purpose.REGENERATE, Purpose.CONTINUE)
    return max(0, len(draft.chat) - shown - (draft.context.purpose in purposes))


class _Writer:
    """Puts the chosen pieces together."""

    def __init__(
        self, draft: Draft, instruct: Instruct | None, story: Story, lines: TextLines
    ) -> None:
        self._draft = draft
        self._instruct = instruct
        self._story = story
        self._lines = lines
        context = draft.context
        start = context.context_template.chat_start
        self._chat_start = draft.expand(start) + "\n" if start else ""
        self._reply_start = self._bias()
        self._quiet = draft.quiet if context.purpose is Purpose.QUIET else ""
        self._tail = lines.take_newest() if draft.continues and len(lines) > 1 else ""

    def _bias(self) -> str:
        if self._draft.context.purpose in (Purpose.IMPERSONATE, Purpose.CONTINUE):
            return ""
        return self._draft.expand(self._draft.context.formatting.reply_start)

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

    def write(self, window: Window, material: Material) -> str:
        """The prompt."""
        messages = [self._lines.text(index) for index in reversed(window.kept)]
        if window.aligned:
            messages.insert(0, material.alignment)
        chat = self._joined(messages, window.openings)
        examples = material.pinned + "".join(material.examples[: window.examples])
        if messages:
            chat += self._plain_reply_start(chat)
        text = self._story.text + examples + self._chat_start + chat + self._tail
        text = text.replace("\r", "")
        if self._draft.context.formatting.collapse_newlines:
            text = _NEWLINES.sub("\n", text)
        return text

    def _joined(self, messages: list[str], openings: int) -> str:
        """Messages, oldest first, with the reply opened at the end of the last one.

        Where nothing of the chat fits, the opening is missing too (SEMANTICS 15).
        """
        if not messages:
            return ""
        *earlier, last = messages
        if not self._draft.continues and self._ends_bare():
            last = last.removesuffix("\n")
        for _ in range(openings):
            last = self._opened(last)
        return "".join([*earlier, last])

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
