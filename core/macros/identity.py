"""Who is who, and what the card says."""

from core.macros.call import Call
from core.macros.registry import Unresolved, macro


@macro("user", "Your persona's name.")
def user(call: Call) -> str:
    return call.environment.names.user


@macro("char", "The name of the character who answers.")
def char(call: Call) -> str:
    return call.environment.names.char


@macro("group", "All members of the group, or the character's name.", "charIfNotGroup")
def group(call: Call) -> str:
    return call.environment.names.group


@macro("groupNotMuted", "The members of the group who are not muted.")
def group_not_muted(call: Call) -> str:
    return call.environment.names.group_not_muted


@macro("notChar", "Everyone in the group but the character who answers; alone: your name.")
def not_char(call: Call) -> str:
    return call.environment.names.not_char


@macro("charPrompt", "The card's own system prompt.")
def char_prompt(call: Call) -> str:
    return call.card.system_prompt


@macro("charInstruction", "The card's own post-history instructions.")
def char_instruction(call: Call) -> str:
    return call.card.instructions


@macro("charDescription", "The card's description.", "description")
def description(call: Call) -> str:
    return call.card.description


@macro("charPersonality", "The card's personality.", "personality")
def personality(call: Call) -> str:
    return call.card.personality


@macro("charScenario", "The card's scenario.", "scenario")
def scenario(call: Call) -> str:
    return call.card.scenario


@macro("persona", "Your persona's description.")
def persona(call: Call) -> str:
    return call.card.persona


@macro("mesExamples", "The card's dialogue examples, formatted for the model.")
def examples(call: Call) -> str:
    return call.environment.format_examples(call.card.examples)


@macro("mesExamplesRaw", "The card's dialogue examples as written.")
def examples_raw(call: Call) -> str:
    return call.card.examples


@macro("charDepthPrompt", "The card's note inside the chat.")
def depth_prompt(call: Call) -> str:
    return call.card.depth_prompt


@macro("charCreatorNotes", "What the card's author tells its users.", "creatorNotes")
def creator_notes(call: Call) -> str:
    return call.card.creator_notes


@macro("charVersion", "The card's version.", "version", "char_version")
def version(call: Call) -> str:
    return call.card.version


@macro(
    "charFirstMessage",
    "The first message; 1 and up give the alternates.",
    "greeting",
    optional=1,
    whole=(0,),
)
def greeting(call: Call) -> str:
    index = call.argument(0, "0").strip()
    greetings = call.card.greetings
    wanted = int(index) if len(index) < 6 else -1
    return greetings[wanted] if 0 <= wanted < len(greetings) else ""


@macro("original", "In a card's prompt: the prompt that it replaces, once.")
def original(call: Call) -> str:
    text = call.current.original
    if text is None:
        raise Unresolved
    call.current.original = ""
    return text
