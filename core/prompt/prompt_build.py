"""The working state of one build: the chat, the card's fields, the injections, what macros read."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from core.macros.engine import Macros
from core.macros.environment import Environment, MacroMessage, MacroNames
from core.macros.variables import VariableScope, WorkingVariables
from core.presets.templates import InstructTemplate, PromptRole
from core.prompt.card import CardReader
from core.prompt.context import Context, HistoryMessage, NotePosition, Purpose
from core.prompt.guard import Guard


@dataclass(frozen=True, slots=True)
class Injection:
    """A text with its place. Ids decide the order where several share a place."""

    id: str
    text: str
    position: NotePosition = NotePosition.IN_CHAT
    depth: int = 0
    role: PromptRole = PromptRole.SYSTEM
    scanned: bool = False
    """Whether lore keys are looked for in it."""


@dataclass
class PromptBuild:
    """What the steps of a build share. `chat` is the whole chat, `sent` what may be sent of it."""

    context: Context
    guard: Guard
    macros: Macros
    card: CardReader
    chat: list[HistoryMessage]
    sent: list[HistoryMessage] = field(default_factory=list)
    injections: list[Injection] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    quiet: str = ""
    """The quiet prompt with its macros resolved; what is shielded in it is not yet revealed."""
    filler: HistoryMessage | None = None
    """What a chat preset says in the person's place."""
    reply_start: str = ""
    """What the reply shall begin with, likewise; resolved before anything new is said."""

    @property
    def user(self) -> str:
        """The person's name as the prompt shows it."""
        return self.guard.reveal(self.macros.environment.names.user)

    @property
    def char(self) -> str:
        return self.context.character.name

    @property
    def continues(self) -> bool:
        return self.context.purpose is Purpose.CONTINUE

    @property
    def budget(self) -> int:
        """Tokens that history and examples may fill the prompt up to."""
        room = self.context.room
        return self.context.budget - (room.spare if room is not None else 0)

    @cached_property
    def kept(self) -> tuple[HistoryMessage, ...]:
        """Messages that are in the prompt whether they fit or not.

        The newest words of a person and the newest of all; nothing without the law of living
        prompts.
        """
        if self.context.room is None or not self.sent:
            return ()
        people = (one for one in reversed(self.sent) if one.is_user and one is not self.filler)
        newest, person = self.sent[-1], next(people, None)
        return (newest,) if person is None or person is newest else (newest, person)

    def learn(self, **known: Any) -> None:
        """Gives the macros values that were not known when the build began."""
        self.macros.environment = replace(self.macros.environment, **known)

    def expand(self, text: str) -> str:
        """Finished text: macros resolved, shielded characters as they were."""
        return self.guard.reveal(self.macros.expand(text))

    def first_included(self, shown: int) -> int:
        """What `{{firstIncludedMessageId}}` gives in the next prompt, by the messages shown."""
        rewriting = (Purpose.SWIPE, Purpose.REGENERATE, Purpose.CONTINUE)
        return max(0, len(self.chat) - shown - (self.context.purpose in rewriting))


def macros_of(context: Context, guard: Guard, chat: list[HistoryMessage]) -> Macros:
    """The macro engine of one build; `chat` may still grow."""
    environment = Environment(
        names=_names(context, guard.name(context.user_name)),
        chat=_ShieldedChat(chat, guard, context.purpose is Purpose.SWIPE),
        first_included=context.first_included,
        purpose=str(context.purpose),
        model=context.model,
        context_size=context.sizes.context,
        reply_size=context.sizes.reply,
        prompts=_prompts(context),
        outlets=context.outlets,
        now=context.clock.now,
        last_user_message=context.clock.last_user_message,
        chat_seed=context.seeds.chat,
        reroll_seed=context.seeds.reroll,
        reply_seed=context.seeds.reply,
    )
    return Macros(
        environment,
        WorkingVariables(VariableScope.LOCAL, context.variables.local),
        WorkingVariables(VariableScope.GLOBAL, context.variables.shared),
    )


def _names(context: Context, user: str) -> MacroNames:
    char, group = context.character.name, context.group
    if group is None:
        return MacroNames(user, char, char, char, user)
    return MacroNames(
        user,
        char,
        ", ".join(group.names()),
        ", ".join(group.names(muted=False)),
        # SillyTavern leaves the user out here, although alone it is the user.
        ", ".join(group.names(muted=False, without=char)),
    )


def _prompts(context: Context) -> dict[str, str]:
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


class _ShieldedChat:
    """The chat as macros see it, made one by one when asked for: chats are long."""

    def __init__(self, messages: list[HistoryMessage], guard: Guard, swiping: bool) -> None:
        self._messages = messages
        self._guard = guard
        self._swiping = swiping

    def __len__(self) -> int:
        return len(self._messages)

    def __getitem__(self, index: int, /) -> MacroMessage:
        message = self._messages[index]
        words = self._guard.words(message)
        text = words if message.trusted else self._guard.shield(words)
        swipe, swipes = message.swipe, message.swipes
        if self._swiping and index in (-1, len(self._messages) - 1):
            # The swipe that is about to be written counts as the one shown.
            swipe = swipes = swipes or 1
        return MacroMessage(text, message.is_user, message.hidden, swipe, swipes)
