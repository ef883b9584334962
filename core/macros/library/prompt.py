"""Sizes, names and templates of the prompt itself."""

from core.macros.registry import Macro, MacroCall, macro

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
"""What the templates in use hold, by the names of each macro."""


def _template(name: str, *aliases: str, help: str) -> Macro:
    return Macro(name, help, lambda call: call.environment.prompts.get(name, ""), aliases)


MACROS = [
    *(_template(*names.split(), help=help) for names, help in _TEMPLATES.items()),
    Macro(
        "maxPrompt",
        "How many tokens a prompt may have.",
        lambda call: str(call.environment.context_size - call.environment.reply_size),
        ("maxPromptTokens",),
    ),
    Macro(
        "maxContext",
        "The context size in tokens.",
        lambda call: str(call.environment.context_size),
        ("maxContextTokens",),
    ),
    Macro(
        "maxResponse",
        "How many tokens a reply may have.",
        lambda call: str(call.environment.reply_size),
        ("maxResponseTokens",),
    ),
    Macro("model", "The model's name.", lambda call: call.environment.model),
    Macro("isMobile", "Always false: there is no screen here.", lambda call: "false"),
    Macro(
        "hasExtension",
        "Always false: there are no extensions here.",
        lambda call: "false",
        arguments=("name",),
    ),
    Macro(
        "summary",
        "Gives nothing: there are no extensions here, so nobody sums up.",
        lambda call: "",
    ),
    Macro("charPrefix", "Gives nothing: there is no image extension here.", lambda call: ""),
    Macro(
        "charNegativePrefix", "Gives nothing: there is no image extension here.", lambda call: ""
    ),
    Macro(
        "lastExpression",
        "Gives nothing: there is no extension for expressions here.",
        lambda call: "",
    ),
]


@macro("systemPrompt", "The system prompt in use, the card's or the preset's.")
def system_prompt(call: MacroCall) -> str:
    prompts = call.environment.prompts
    if "defaultSystemPrompt" not in prompts:
        return ""
    return call.card.system_prompt or prompts["defaultSystemPrompt"]
