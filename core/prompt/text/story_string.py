"""The story string of one prompt: what stands in it, where it goes, how it ends."""

from dataclasses import dataclass

from core.errors import InvalidTemplate
from core.lorebook import ScanResult
from core.prompt.context import NoteRole, PersonaPlace, Place
from core.prompt.dialogue import example_blocks, separator, speakers
from core.prompt.draft import Draft
from core.prompt.examples import HEADING, format_instruct
from core.prompt.inject import STORY_ID, Injection, anchor
from core.prompt.story import Story, read_story
from core.prompt.templates import StoryPosition
from core.prompt.text.instruct import Instruct
from core.prompt.text.system_prompt import system_prompt

FALLBACK = "".join(
    f"{{{{#if {name}}}}}{{{{{name}}}}}\n{{{{/if}}}}"
    for name in (
        *("anchorBefore", "system", "wiBefore", "description", "personality", "scenario"),
        *("wiAfter", "persona", "anchorAfter"),
    )
)
"""Stands in for a saved template that cannot be read, so that nobody gets an empty prompt."""


@dataclass(frozen=True, slots=True)
class StoryString:
    """The story string with what stands in it, and the example elements behind it."""

    text: str
    values: dict[str, str]
    examples: list[str]


def story_string(draft: Draft, lore: ScanResult, instruct: Instruct | None) -> StoryString:
    """Renders it. One that belongs into the chat becomes an injection and leaves no text."""
    context, template = draft.context, draft.context.context_template
    between, expand = separator(draft), draft.macros.expand
    raw = example_blocks(draft, lore, HEADING if instruct else between)
    examples = raw
    if instruct is not None:
        examples = format_instruct(raw, instruct.template, speakers(draft), between, expand)
    values = _values(draft, lore, examples, raw)
    text = _ended(draft, _rendered(draft, values))
    if template.story_string_position is StoryPosition.IN_CHAT:
        role = NoteRole(int(template.story_string_role))
        depth = template.story_string_depth
        draft.injections.append(Injection(STORY_ID, text, Place.IN_CHAT, depth, role))
        text = ""
    elif instruct is not None:
        text = instruct.story(text)
    sent = [] if context.formatting.strip_examples else examples
    reveal = draft.guard.reveal
    shown = {name: reveal(value) for name, value in values.items()}
    return StoryString(reveal(text), shown, [reveal(example) for example in sent])


def _values(draft: Draft, lore: ScanResult, examples: list[str], raw: list[str]) -> dict[str, str]:
    """The variables of the story string."""
    fields, persona = draft.fields, draft.context.persona
    in_prompt = persona.place is PersonaPlace.IN_PROMPT
    names = draft.macros.environment.names
    system = system_prompt(draft)
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
    story = _read(draft)
    text = story.render(values, lambda name: draft.macros.expand("{{" + name + "}}"))
    return draft.macros.expand(text).lstrip("\n")


def _read(draft: Draft) -> Story:
    try:
        return read_story(draft.context.context_template.story_string)
    except InvalidTemplate as error:
        if not draft.context.guarded:
            raise
        draft.notes.append(f"template: {error}")
        return read_story(FALLBACK)


def _ended(draft: Draft, story: str) -> str:
    """The story string with a line end, where nothing else would part it from what follows."""
    instruct = draft.context.instruct
    in_chat = draft.context.context_template.story_string_position is StoryPosition.IN_CHAT
    if not story or story.endswith("\n") or in_chat:
        return story
    parted = instruct is not None and (not instruct.wrap or instruct.story_string_suffix)
    return story if parted else story + "\n"
