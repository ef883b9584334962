"""What macros read in a prompt: names, chat, template values, clock and seeds."""

from collections.abc import Sequence
from typing import overload

from core.macros.engine import Macros
from core.macros.environment import Environment, MacroMessage, MacroNames
from core.macros.variables import VariableScope, WorkingVariables
from core.presets.templates import InstructTemplate
from core.prompt.context import Context, HistoryMessage, Purpose
from core.prompt.guard import Guard


def macros_of(context: Context, guard: Guard, chat: list[HistoryMessage]) -> Macros:
    """The macro engine of one build; `chat` may still grow."""
    environment = Environment(
        names=_names(context, guard.name(context.user_name)),
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


class _SpokenLines(Sequence[MacroMessage]):
    """The chat as macros see it, made line by line when asked for: chats are long."""

    def __init__(self, lines: list[HistoryMessage], guard: Guard, swiping: bool) -> None:
        self._lines = lines
        self._guard = guard
        self._swiping = swiping

    def __len__(self) -> int:
        return len(self._lines)

    @overload
    def __getitem__(self, index: int) -> MacroMessage: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[MacroMessage]: ...
    def __getitem__(self, index: int | slice) -> MacroMessage | Sequence[MacroMessage]:
        if isinstance(index, slice):
            return [self[one] for one in range(*index.indices(len(self)))]
        line = self._lines[index]
        text = line.text if line.trusted else self._guard.shield(line.text)
        swipe, swipes = line.swipe, line.swipes
        if self._swiping and index in (-1, len(self._lines) - 1):
            # The alternative that is about to be written counts as the one shown.
            swipe = swipes = swipes or 1
        return MacroMessage(text, line.is_user, line.hidden, swipe, swipes)
