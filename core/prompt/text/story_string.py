"""The story string of a text prompt: what stands in it, where it goes, how it ends."""

from dataclasses import dataclass

from core.errors import InvalidTemplate
from core.lorebook import ScanResult
from core.presets.templates import StoryPosition
from core.prompt.card import finish_field
from core.prompt.context import NotePosition, PersonaPosition
from core.prompt.examples import HEADING, example_blocks, format_instruct, separator, speakers
from core.prompt.handlebars.template import MAX_OUTPUT, StoryTemplate, read_template
from core.prompt.notes import STORY_ID, anchor
from core.prompt.prompt_build import Injection, PromptBuild
from core.prompt.text.instruct import Instruct

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
    is_cut: bool = False
    """More was to stand in it than a story string may hold, so something was left out."""


def story_string(build: PromptBuild, lore: ScanResult, instruct: Instruct | None) -> StoryString:
    """Renders it. One that belongs into the chat becomes an injection and leaves no text."""
    context, template = build.context, build.context.context_template
    between, expand = separator(build), build.macros.expand
    raw = example_blocks(build, lore, HEADING if instruct else between)
    examples = raw
    if instruct is not None:
        examples = format_instruct(raw, instruct.template, speakers(build), between, expand)
    values = _values(build, lore, examples, raw)
    rendered = _read(build).render(values, lambda name: expand("{{" + name + "}}"))
    text = _ended(build, expand(rendered).lstrip("\n"))
    if template.story_string_position is StoryPosition.IN_CHAT:
        build.injections.append(
            Injection(
                STORY_ID,
                text,
                NotePosition.IN_CHAT,
                template.story_string_depth,
                template.story_string_role,
            )
        )
        text = ""
    elif instruct is not None:
        text = instruct.story(text)
    sent = [] if context.formatting.strip_examples else examples
    reveal = build.guard.reveal
    shown = {name: reveal(value) for name, value in values.items()}
    asked = context.context_template.story_string
    # What is asked for as a condition counts as well.
    wanted = sum(len(value) * asked.count(name) for name, value in values.items())
    return StoryString(reveal(text), shown, [*map(reveal, sent)], wanted > MAX_OUTPUT)


def _values(
    build: PromptBuild, lore: ScanResult, examples: list[str], raw: list[str]
) -> dict[str, str]:
    card, persona = build.card, build.context.persona
    in_prompt = persona.position is PersonaPosition.IN_PROMPT
    names = build.macros.environment.names
    return {
        "system": system_prompt(build),
        "description": card.description,
        "personality": card.personality,
        "persona": card.persona if in_prompt else "",
        "scenario": card.scenario,
        "char": names.char,
        "user": names.user,
        "wiBefore": lore.before,
        "wiAfter": lore.after,
        "loreBefore": lore.before,
        "loreAfter": lore.after,
        "anchorBefore": anchor(build.injections, NotePosition.BEFORE_STORY, build.macros.expand),
        "anchorAfter": anchor(build.injections, NotePosition.AFTER_STORY, build.macros.expand),
        "mesExamples": "".join(examples),
        "mesExamplesRaw": "".join(raw),
    }


def _read(build: PromptBuild) -> StoryTemplate:
    try:
        return read_template(build.context.context_template.story_string)
    except InvalidTemplate as error:
        if not build.context.guarded:
            raise
        build.notes.append(f"template: {error}")
        return read_template(FALLBACK)


def _ended(build: PromptBuild, story: str) -> str:
    """The story string with a line end, where nothing else would part it from what follows."""
    instruct = build.context.instruct
    in_chat = build.context.context_template.story_string_position is StoryPosition.IN_CHAT
    if not story or story.endswith("\n") or in_chat:
        return story
    parted = instruct is not None and (not instruct.wrap or instruct.story_string_suffix)
    return story if parted else story + "\n"


def system_prompt(build: PromptBuild) -> str:
    """The card's system prompt where it is preferred, else the preset's."""
    system = build.context.system_prompt
    text = _preferred(build, build.card.system_prompt, system.content)
    if text and build.context.instruct is not None:
        text = build.macros.expand(text, original=system.content)
    return text


def instructions(build: PromptBuild) -> str:
    """Post-history instructions, by the same rule."""
    system = build.context.system_prompt
    return build.guard.reveal(_preferred(build, build.card.instructions, system.post_history))


def _preferred(build: PromptBuild, own: str, preset: str) -> str:
    """The card's own text, which may hold the preset's, or the preset's."""
    if not build.context.system_prompt.enabled:
        return ""
    if own:
        return build.macros.expand(own, original=preset)
    return finish_field(build.context, build.macros, preset)
