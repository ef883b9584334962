"""What macros read in a prompt: names, chat, template values, clock and seeds."""

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
        text = message.text if message.trusted else self._guard.shield(message.text)
        swipe, swipes = message.swipe, message.swipes
        if self._swiping and index in (-1, len(self._messages) - 1):
            # The swipe that is about to be written counts as the one shown.
            swipe = swipes = swipes or 1
        return MacroMessage(text, message.is_user, message.hidden, swipe, swipes)
