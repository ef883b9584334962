"""The dialogue examples of one prompt: the card's and those of lore, parsed and formatted."""

from collections.abc import Callable
from dataclasses import replace

from core.kind import Kind
from core.lorebook import ScanResult
from core.prompt.card import finish_field
from core.prompt.draft import Draft
from core.prompt.examples import HEADING, Speakers, blocks, format_instruct


def speakers(draft: Draft) -> Speakers:
    """Whose lines dialogue examples are searched for."""
    group, names = draft.context.group, draft.macros.environment.names
    return Speakers(
        names.user, draft.char, tuple(group.names()) if group else (), group is not None
    )


def separator(draft: Draft) -> str:
    """What stands between example blocks, with its line end."""
    text = draft.context.context_template.example_separator
    return draft.macros.expand(text) + "\n" if text else ""


def example_blocks(draft: Draft, lore: ScanResult, heading: str) -> list[str]:
    """The card's blocks with lore around them; entries for the top are put in front one by one.

    Shielded text in them is not yet revealed.
    """
    parsed = blocks(draft.fields.examples, heading)
    for text in lore.examples_top:
        parsed = blocks(text, heading) + parsed
    for text in lore.examples_bottom:
        parsed = parsed + blocks(text, heading)
    return parsed


def finished_examples(draft: Draft, lore: ScanResult) -> ScanResult:
    """The scan's result with the macros of its examples resolved, which is before outlets are."""
    finish = finish_field(draft.context, draft.macros)
    return replace(
        lore,
        examples_top=tuple(finish(text, None) for text in lore.examples_top),
        examples_bottom=tuple(finish(text, None) for text in lore.examples_bottom),
    )


def example_formatter(draft: Draft) -> Callable[[str], str]:
    """What `{{mesExamples}}` makes of the card's examples in this prompt."""

    def formatted(text: str) -> str:
        between, instruct = separator(draft), draft.context.instruct
        if instruct is None:
            heading = HEADING if draft.context.kind is Kind.CHAT else between
            return "".join(blocks(text, heading))
        parsed = blocks(text, HEADING)
        return "".join(
            format_instruct(parsed, instruct, speakers(draft), between, draft.macros.expand)
        )

    return formatted
