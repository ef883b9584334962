"""The working state of one build: the chat, the card's fields, the macros, the injections."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, overload

from core.backends.base import Kind
from core.macros.effects import VariableScope
from core.macros.engine import Macros
from core.macros.environment import Environment, Spoken
from core.macros.javascript import trim
from core.macros.memory import Memory
from core.prompt.card import CardReader, Fields, card_fields
from core.prompt.context import Context, Line, Purpose
from core.prompt.dialogue import example_formatter
from core.prompt.guard import Guard
from core.prompt.inject import Injection
from core.prompt.names import names_of
from core.prompt.templates import InstructTemplate


@dataclass(slots=True)
class Draft:
    """What the steps of a build share. `chat` is the whole chat, `core` what may be sent of it."""

    context: Context
    guard: Guard
    macros: Macros
    fields: Fields = field(default_factory=Fields)
    chat: list[Line] = field(default_factory=list)
    core: list[Line] = field(default_factory=list)
    injections: list[Injection] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    quiet: str = ""
    """The quiet prompt with its macros resolved; what is shielded in it is not yet revealed."""
    reply_start: str = ""
    """What the reply shall begin with, likewise; resolved before anything new is said."""

    @property
    def user(self) -> str:
        """The person's name as the prompt shows it."""
        return self.guard.reveal(self.macros.environment.names.user)

    @property
    def char(self) -> str:
        """The name of the one who answers."""
        return self.context.character.name

    @property
    def continues(self) -> bool:
        """Whether the last message is to be continued."""
        return self.context.purpose is Purpose.CONTINUE

    def learn(self, **known: Any) -> None:
        """Gives the macros values that were not known when the build began."""
        self.macros.environment = replace(self.macros.environment, **known)

    def said(self, line: Line) -> str:
        """A message's text for a chat prompt; macros work in it only where they may."""
        text = self.guard.said(line)
        return text if self.guard.active and not line.trusted else self.expand(text)

    def expand(self, text: str) -> str:
        """Finished text: macros resolved, shielded characters as they were."""
        return self.guard.reveal(self.macros.expand(text))


def open_draft(context: Context) -> Draft:
    """Typed input, card fields, macros in the first message: all before anything is placed."""
    guard = Guard(context)
    chat = list(context.history)
    macros = _macros(context, guard, chat)
    draft = Draft(context, guard, macros, chat=chat)
    typed = _typed(context)
    draft.learn(card=lambda: CardReader(context, macros), format_examples=example_formatter(draft))
    draft.quiet = macros.expand(context.quiet_prompt)
    if context.purpose is Purpose.REGENERATE and chat and not chat[-1].is_user:
        chat.pop()
    if context.purpose not in (Purpose.IMPERSONATE, Purpose.CONTINUE):
        draft.reply_start = macros.expand(context.formatting.reply_start)
    if typed:
        text = typed if guard.active else macros.expand(typed)
        chat.append(Line(context.user_name, text, is_user=True))
    draft.fields = card_fields(context, macros)
    if chat and (chat[0].trusted or not guard.active):
        chat[0] = replace(chat[0], text=draft.expand(chat[0].text))
    draft.core = [line for line in chat if not line.hidden]
    if context.purpose is Purpose.SWIPE and draft.core:
        draft.core.pop()
    return draft


def _typed(context: Context) -> str:
    """The new message of the person, where this kind of reply takes one."""
    if context.purpose not in (Purpose.NORMAL, Purpose.CONTINUE):
        return ""
    return context.typed or _empty_input(context)


def _empty_input(context: Context) -> str:
    """What a chat preset says in the person's place; in the bot only where they said nothing."""
    if context.kind is not Kind.CHAT or context.purpose is not Purpose.NORMAL:
        return ""
    has_spoken = context.guarded and bool(context.history) and context.history[-1].is_user
    return "" if has_spoken else trim(context.chat_preset.send_if_empty)


def _macros(context: Context, guard: Guard, chat: list[Line]) -> Macros:
    environment = Environment(
        names=names_of(context, guard.name(context.user_name)),
        chat=_SpokenLines(chat, guard, context.purpose is Purpose.SWIPE),
        first_included=context.first_included,
        purpose=str(context.purpose),
        model=context.model,
        context_size=context.sizes.context,
        reply_size=context.sizes.reply,
        prompts=_prompts(context),
        outlets=context.outlets,
        now=context.clock.now,
        last_user_message=context.clock.last_user_message,
        chat_seed=context.dice.chat,
        reroll_seed=context.dice.reroll,
        reply_seed=context.dice.reply,
    )
    local = Memory(VariableScope.LOCAL, context.variables.local)
    return Macros(environment, local, Memory(VariableScope.GLOBAL, context.variables.everywhere))


def _prompts(context: Context) -> dict[str, str]:
    """What the template macros give."""
    texts = {
        "exampleSeparator": context.context_template.example_separator,
        "chatStart": context.context_template.chat_start,
    }
    if context.system_prompt.enabled:
        texts["defaultSystemPrompt"] = context.system_prompt.content
    return texts | _instruct_prompts(context.instruct) if context.instruct else texts


def _instruct_prompts(template: InstructTemplate) -> dict[str, str]:
    return {
        "instructStoryStringPrefix": template.story_string_prefix,
        "instructStoryStringSuffix": template.story_string_suffix,
        "instructUserPrefix": template.input_sequence,
        "instructUserSuffix": template.input_suffix,
        "instructAssistantPrefix": template.output_sequence,
        "instructAssistantSuffix": template.output_suffix,
        "instructSystemPrefix": template.system_sequence,
        "instructSystemSuffix": template.system_suffix,
        "instructFirstAssistantPrefix": template.first_output_sequence or template.output_sequence,
        "instructLastAssistantPrefix": template.last_output_sequence or template.output_sequence,
        "instructStop": template.stop_sequence,
        "instructUserFiller": template.user_alignment_message,
        "instructSystemInstructionPrefix": template.last_system_sequence,
        "instructFirstUserPrefix": template.first_input_sequence or template.input_sequence,
        "instructLastUserPrefix": template.last_input_sequence or template.input_sequence,
    }


class _SpokenLines(Sequence[Spoken]):
    """The chat as macros see it, made line by line when asked for: chats are long."""

    def __init__(self, lines: list[Line], guard: Guard, swiping: bool) -> None:
        self._lines = lines
        self._guard = guard
        self._swiping = swiping

    def __len__(self) -> int:
        return len(self._lines)

    @overload
    def __getitem__(self, index: int) -> Spoken: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Spoken]: ...
    def __getitem__(self, index: int | slice) -> Spoken | Sequence[Spoken]:
        if isinstance(index, slice):
            return [self[one] for one in range(*index.indices(len(self)))]
        line = self._lines[index]
        text = line.text if line.trusted else self._guard.shield(line.text)
        swipe, swipes = line.swipe, line.swipes
        if self._swiping and index in (-1, len(self._lines) - 1):
            # The alternative that is about to be written counts as the one shown.
            swipe = swipes = swipes or 1
        return Spoken(text, line.is_user, line.hidden, swipe, swipes)
