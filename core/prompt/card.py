"""The card's fields for this reply: overridden, joined over a group, macros resolved."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from core.characters.character import Character, DepthPrompt
from core.macros.engine import Macros
from core.macros.environment import Names
from core.macros.javascript import trim
from core.prompt.context import Context, Group, GroupMode, Member
from core.prompt.names import named_after

_FIELD_NAME = re.compile("<FIELDNAME>", re.IGNORECASE)
_NEWLINES = re.compile(r"\n+")
_START = "<START>"


@dataclass(frozen=True, slots=True)
class Fields:
    """Finished texts of the card, the persona and the notes that come with the card."""

    description: str = ""
    personality: str = ""
    scenario: str = ""
    examples: str = ""
    persona: str = ""
    system_prompt: str = ""
    instructions: str = ""
    depth_prompt: str = ""
    depth_prompts: tuple[DepthPrompt, ...] = ()
    """The notes to be placed in the chat: the speaker's, or all members' in a joined group."""
    creator_notes: str = ""
    version: str = ""
    greetings: tuple[str, ...] = ()


Finish = Callable[[str, Names | None], str]
"""Resolves a field's macros, under other names where some are given."""


def finish_field(context: Context, macros: Macros) -> Finish:
    """How one field becomes finished text. Macros of card fields give nothing here."""

    def finish(text: str, names: Names | None = None) -> str:
        text = macros.expand(text, card=False, names=names)
        if context.formatting.collapse_newlines:
            text = _NEWLINES.sub("\n", text)
        return text.replace("\r", "")

    return finish


def card_fields(context: Context, macros: Macros) -> Fields:
    """All fields of this reply."""
    finish = finish_field(context, macros)

    def field(text: str, wanted: bool = True) -> str:
        return finish(trim(text), None) if wanted else ""

    card, overrides, formatting = context.character, context.overrides, context.formatting
    note = replace(card.depth_prompt, text=field(card.depth_prompt.text))
    fields = Fields(
        description=field(card.description),
        personality=field(card.personality),
        scenario=field(overrides.scenario or card.scenario),
        examples=field(overrides.examples or card.mes_example),
        persona=field(context.persona.description),
        system_prompt=field(
            overrides.system_prompt or card.system_prompt, formatting.prefer_character_prompt
        ),
        instructions=field(
            card.post_history_instructions, formatting.prefer_character_instructions
        ),
        depth_prompt=note.text,
        depth_prompts=(note,) if note.text else (),
        creator_notes=field(card.creator_notes),
        version=card.character_version,
        greetings=tuple(field(text) for text in (card.first_mes, *card.alternate_greetings)),
    )
    group = context.group
    if group is None or group.mode is GroupMode.SWAP:
        return fields
    return _joined_fields(context, group, fields, macros, finish)


def _joined_fields(
    context: Context, group: Group, fields: Fields, macros: Macros, finish: Finish
) -> Fields:
    names = macros.environment.names
    members = [member for member in group.members if _takes_part(context, group, member)]

    def join(title: str, text_of: Callable[[Character], str]) -> str:
        texts = [
            _wrapped(group, title, text_of(member.character), member, names, finish)
            for member in members
        ]
        return "\n".join(text for text in texts if text)

    notes = (
        replace(
            note, text=finish(trim(note.text), named_after(names, group, member.character.name))
        )
        for member in members
        # The notes of muted members stay out, also where their cards are joined.
        if not member.muted or _speaks(context, member)
        for note in [member.character.depth_prompt]
    )
    return replace(
        fields,
        description=join("Description", lambda card: card.description),
        personality=join("Personality", lambda card: card.personality),
        scenario=(context.overrides.scenario and fields.scenario)
        or join("Scenario", lambda card: card.scenario),
        examples=(context.overrides.examples and fields.examples)
        or join("Example Messages", lambda card: _with_start(card.mes_example)),
        depth_prompts=tuple(note for note in notes if note.text),
    )


def _takes_part(context: Context, group: Group, member: Member) -> bool:
    joined = not member.muted or group.mode is GroupMode.JOIN_MUTED
    return joined or _speaks(context, member)


def _speaks(context: Context, member: Member) -> bool:
    return member.character.name == context.character.name


def _wrapped(
    group: Group,
    title: str,
    text: str,
    member: Member,
    names: Names,
    finish: Finish,
) -> str:
    """A member's field between the group's prefix and suffix; blank fields are left out."""
    if not trim(text):
        return ""
    own = named_after(names, group, member.character.name)

    def named(text: str) -> str:
        return finish(_FIELD_NAME.sub(lambda found: title, text), own)

    return named(group.join_prefix) + named(trim(text)) + named(group.join_suffix)


def _with_start(text: str) -> str:
    bare = trim(text)
    return f"{_START}\n{bare}" if bare and not bare.startswith(_START) else bare
