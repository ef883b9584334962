"""Who is who, and what the card says."""

from core.macros.registry import Macro, MacroCall, Unresolved, macro

MACROS = [
    Macro("user", "Your persona's name.", lambda call: call.environment.names.user),
    Macro(
        "char",
        "The name of the character who answers.",
        lambda call: call.environment.names.char,
    ),
    Macro(
        "group",
        "All members of the group, or the character's name.",
        lambda call: call.environment.names.group,
        ("charIfNotGroup",),
    ),
    Macro(
        "groupNotMuted",
        "The members of the group who are not muted.",
        lambda call: call.environment.names.group_not_muted,
    ),
    Macro(
        "notChar",
        "Everyone in the group but the character who answers; alone: your name.",
        lambda call: call.environment.names.not_char,
    ),
    Macro("charPrompt", "The card's own system prompt.", lambda call: call.card.system_prompt),
    Macro(
        "charInstruction",
        "The card's own post-history instructions.",
        lambda call: call.card.instructions,
    ),
    Macro(
        "charDescription",
        "The card's description.",
        lambda call: call.card.description,
        ("description",),
    ),
    Macro(
        "charPersonality",
        "The card's personality.",
        lambda call: call.card.personality,
        ("personality",),
    ),
    Macro("charScenario", "The card's scenario.", lambda call: call.card.scenario, ("scenario",)),
    Macro("persona", "Your persona's description.", lambda call: call.card.persona),
    Macro(
        "mesExamples",
        "The card's dialogue examples, formatted for the model.",
        lambda call: call.environment.format_examples(call.card.examples),
    ),
    Macro(
        "mesExamplesRaw",
        "The card's dialogue examples as written.",
        lambda call: call.card.examples,
    ),
    Macro(
        "charDepthPrompt", "The card's note inside the chat.", lambda call: call.card.depth_prompt
    ),
    Macro(
        "charCreatorNotes",
        "What the card's author tells its users.",
        lambda call: call.card.creator_notes,
        ("creatorNotes",),
    ),
    Macro(
        "charVersion",
        "The card's version.",
        lambda call: call.card.version,
        ("version", "char_version"),
    ),
]


@macro(
    "charFirstMessage",
    "The first message; 1 and up give the alternates.",
    "greeting",
    takes="[number]",
)
def first_message(call: MacroCall) -> str:
    number = call.whole_number(0, "0")
    greetings = call.card.greetings
    wanted = int(number) if len(number) < 6 else -1
    return greetings[wanted] if 0 <= wanted < len(greetings) else ""


@macro("original", "In a card's prompt: the prompt that it replaces, once.")
def original(call: MacroCall) -> str:
    text = call.expansion.original
    if text is None:
        raise Unresolved
    call.expansion.original = ""
    return text
