"""Sizes, names and templates of the prompt itself."""

from core.macros.call import Call
from core.macros.registry import Macro, macro

_TEMPLATES = {
    "instructStoryStringPrefix": "The instruct template's prefix of the story string.",
    "instructStoryStringSuffix": "The instruct template's suffix of the story string.",
    "instructUserPrefix instructInput": "What opens a person's turn.",
    "instructUserSuffix": "What closes a person's turn.",
    "instructAssistantPrefix instructOutput": "What opens a character's turn.",
    "instructAssistantSuffix instructSeparator": "What closes a character's turn.",
    "instructSystemPrefix": "What opens a system turn.",
    "instructSystemSuffix": "What closes a system turn.",
    "instructFirstAssistantPrefix instructFirstOutputPrefix": "What opens the first reply.",
    "instructLastAssistantPrefix instructLastOutputPrefix": "What opens the reply to come.",
    "instructStop": "The instruct template's stop sequence.",
    "instructUserFiller": "The message put in front where the chat begins with a character.",
    "instructSystemInstructionPrefix": "What opens the last system turn.",
    "instructFirstUserPrefix instructFirstInput": "What opens a person's first turn.",
    "instructLastUserPrefix instructLastInput": "What opens a person's last turn.",
    "defaultSystemPrompt instructSystem instructSystemPrompt": "The system prompt's own text.",
    "exampleSeparator chatSeparator": "What stands between dialogue examples.",
    "chatStart": "What stands before the first message.",
}


def _template(names: str, help: str) -> Macro:
    name, *aliases = names.split()

    @macro(name, help, *aliases)
    def value(call: Call) -> str:
        return call.environment.prompts.get(name, "")

    return value


MACROS = [_template(names, help) for names, help in _TEMPLATES.items()]


@macro("systemPrompt", "The system prompt in use, the card's or the preset's.")
def system_prompt(call: Call) -> str:
    prompts = call.environment.prompts
    if "defaultSystemPrompt" not in prompts:
        return ""
    return call.card.system_prompt or prompts["defaultSystemPrompt"]


@macro("maxPrompt", "How many tokens a prompt may have.", "maxPromptTokens")
def max_prompt(call: Call) -> str:
    return str(call.environment.context_size - call.environment.reply_size)


@macro("maxContext", "The context size in tokens.", "maxContextTokens")
def max_context(call: Call) -> str:
    return str(call.environment.context_size)


@macro("maxResponse", "How many tokens a reply may have.", "maxResponseTokens")
def max_response(call: Call) -> str:
    return str(call.environment.reply_size)


@macro("model", "The model's name.")
def model(call: Call) -> str:
    return call.environment.model


@macro("isMobile", "Always false: there is no screen here.")
def is_mobile(call: Call) -> str:
    return "false"


@macro("hasExtension", "Always false: there are no extensions here.", required=1)
def has_extension(call: Call) -> str:
    return "false"


_EXTENSIONS = {
    "summary": "Gives nothing: there are no extensions here, so nobody sums up.",
    "charPrefix": "Gives nothing: there is no image extension here.",
    "charNegativePrefix": "Gives nothing: there is no image extension here.",
    "lastExpression": "Gives nothing: there is no extension for expressions here.",
}


def _nothing(name: str, help: str) -> Macro:
    @macro(name, help)
    def value(call: Call) -> str:
        return ""

    return value


EXTENSION_MACROS = [_nothing(name, help) for name, help in _EXTENSIONS.items()]
