"""The card's fields for this reply: overridden, joined over a group, macros resolved."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from core.characters.character import Character, DepthPrompt
from core.macros.engine import Macros
from core.macros.environment import Names
from core.macros.javascript import trim
from core.prompt.context import Context, Group, GroupMode, Member

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
"""Trims a field and resolves its macros, under other names where some are given."""


def finish_field(context: Context, macros: Macros) -> Finish:
    """How one field becomes finished text. Macros of card fields give nothing here."""

    def finish(text: str, names: Names | None = None) -> str:
        text = macros.expand(trim(text), card=False, names=names)
        if context.formatting.collapse_newlines:
            text = _NEWLINES.sub("\n", text)
        return text.replace("\r", "")

    return finish


def card_fields(context: Context, macros: Macros) -> Fields:
    """All fields of this reply."""
    finish = finish_field(context, macros)
    card, formatting = context.character, context.formatting
    system_prompt = context.overrides.system_prompt or card.system_prompt
    note = replace(card.depth_prompt, text=finish(card.depth_prompt.text, None))
    fields = Fields(
        description=finish(card.description, None),
        personality=finish(card.personality, None),
        scenario=finish(context.overrides.scenario or card.scenario, None),
        examples=finish(context.overrides.examples or card.mes_example, None),
        persona=finish(context.persona.description, None),
        system_prompt=finish(system_prompt, None) if formatting.prefer_character_prompt else "",
        instructions=(
            finish(card.post_history_instructions, None)
            if formatting.prefer_character_instructions
            else ""
        ),
        depth_prompt=note.text,
        depth_prompts=(note,) if note.text else (),
        creator_notes=finish(card.creator_notes, None),
        version=finish(card.character_version, None),
        greetings=tuple(finish(text, None) for text in (card.first_mes, *card.alternate_greetings)),
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
            _wrapped(group, title, text_of(member.character), member, names, macros, finish)
            for member in members
        ]
        return "\n".join(text for text in texts if text)

    notes = (
        replace(note, text=finish(note.text, replace(names, char=member.character.name)))
        for member in members
        for note in [member.character.depth_prompt]
    )
    return replace(
        fields,
        description=join("Description", lambda card: card.description),
        personality=join("Personality", lambda card: card.personality),
        scenario=(
            fields.scenario
            if context.overrides.scenario
            else join("Scenario", lambda card: card.scenario)
        ),
        examples=(
            fields.examples
            if context.overrides.examples
            else join("Example Messages", lambda card: _with_start(card.mes_example))
        ),
        depth_prompts=tuple(note for note in notes if note.text),
    )


def _takes_part(context: Context, group: Group, member: Member) -> bool:
    speaks = member.character.name == context.character.name
    return not member.muted or speaks or group.mode is GroupMode.JOIN_MUTED


def _wrapped(
    group: Group,
    title: str,
    text: str,
    member: Member,
    names: Names,
    macros: Macros,
    finish: Finish,
) -> str:
    """A member's field between the group's prefix and suffix; blank fields are left out."""
    if not trim(text):
        return ""
    own = replace(names, char=member.character.name)

    def around(template: str) -> str:
        filled = _FIELD_NAME.sub(lambda found: title, template)
        return macros.expand(filled, card=False, names=own).replace("\r", "")

    return around(group.join_prefix) + finish(text, own) + around(group.join_suffix)


def _with_start(text: str) -> str:
    bare = trim(text)
    return f"{_START}\n{bare}" if bare and not bare.startswith(_START) else bare
