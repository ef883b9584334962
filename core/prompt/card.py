"""The card's fields for this reply: overridden, joined over a group, macros resolved."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from core.characters.character import Character, DepthPrompt
from core.macros.engine import Macros
from core.macros.environment import MacroNames
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


Finish = Callable[[str, MacroNames | None], str]
"""Resolves a field's macros, under other names where some are given."""


def finish_field(context: Context, macros: Macros) -> Finish:
    """How one field becomes finished text. Macros of card fields give nothing here."""

    def finish(text: str, names: MacroNames | None = None) -> str:
        text = macros.expand(text, card=False, names=names)
        if context.formatting.collapse_newlines:
            text = _NEWLINES.sub("\n", text)
        return text.replace("\r", "")

    return finish


def card_fields(context: Context, macros: Macros) -> Fields:
    """All fields of this reply, resolved in SillyTavern's order: a macro may set a variable."""
    card = CardReader(context, macros)
    return Fields(
        system_prompt=card.system_prompt,
        examples=card.examples,
        description=card.description,
        personality=card.personality,
        persona=card.persona,
        scenario=card.scenario,
        instructions=card.instructions,
        version=card.version,
        depth_prompt=card.depth_prompt,
        creator_notes=card.creator_notes,
        greetings=card.greetings,
        depth_prompts=card.depth_prompts,
    )


class CardReader:
    """The card as one text sees it: each field is resolved once, when it is first asked for."""

    def __init__(self, context: Context, macros: Macros) -> None:
        self._context = context
        self._names = macros.environment.names
        self._finish = finish_field(context, macros)
        self._card = context.character
        self._overrides = context.overrides
        group = context.group
        self._group = group if group is not None and group.mode is not GroupMode.SWAP else None

    def _field(self, text: str) -> str:
        return self._finish(trim(text), None)

    @cached_property
    def system_prompt(self) -> str:
        """The card's or the chat's own system prompt, where it is preferred."""
        if not self._context.formatting.prefer_character_prompt:
            return ""
        return self._field(self._overrides.system_prompt or self._card.system_prompt)

    @cached_property
    def examples(self) -> str:
        """Dialogue examples as written."""
        own = self._overrides.examples
        if self._group is None:
            return self._field(own or self._card.mes_example)
        joined = "Example Messages", lambda card: _with_start(card.mes_example)
        return (own and self._field(own)) or self._joined(self._group, *joined)

    @cached_property
    def description(self) -> str:
        if self._group is None:
            return self._field(self._card.description)
        return self._joined(self._group, "Description", lambda card: card.description)

    @cached_property
    def personality(self) -> str:
        if self._group is None:
            return self._field(self._card.personality)
        return self._joined(self._group, "Personality", lambda card: card.personality)

    @cached_property
    def persona(self) -> str:
        return self._field(self._context.persona.description)

    @cached_property
    def scenario(self) -> str:
        own = self._overrides.scenario
        if self._group is None:
            return self._field(own or self._card.scenario)
        joined = self._joined
        return (own and self._field(own)) or joined(self._group, "Scenario", lambda c: c.scenario)

    @cached_property
    def instructions(self) -> str:
        """The card's post-history instructions, where they are preferred."""
        wanted = self._context.formatting.prefer_character_instructions
        return self._field(self._card.post_history_instructions) if wanted else ""

    @property
    def version(self) -> str:
        return self._card.character_version

    @cached_property
    def depth_prompt(self) -> str:
        return self._field(self._card.depth_prompt.text)

    @cached_property
    def creator_notes(self) -> str:
        return self._field(self._card.creator_notes)

    @cached_property
    def greetings(self) -> tuple[str, ...]:
        """The first message, then the alternates."""
        card = self._card
        return tuple(self._field(text) for text in (card.first_mes, *card.alternate_greetings))

    @property
    def depth_prompts(self) -> tuple[DepthPrompt, ...]:
        """The notes to be placed in the chat."""
        if self._group is None:
            notes = [replace(self._card.depth_prompt, text=self.depth_prompt)]
        else:
            # The notes of muted members stay out, also where their cards are joined.
            notes = [
                replace(note, text=self._finish(trim(note.text), self._named(self._group, member)))
                for member in self._group.members
                if not member.muted or _speaks(self._context, member)
                for note in [member.character.depth_prompt]
            ]
        return tuple(note for note in notes if note.text)

    def _named(self, group: Group, member: Member) -> MacroNames:
        """The names as another member of the group would have them."""
        name = member.character.name
        others = ", ".join(group.names(muted=False, without=name))
        return replace(self._names, char=name, not_char=others)

    def _joined(self, group: Group, title: str, text_of: Callable[[Character], str]) -> str:
        """A field of all members who take part."""
        texts = [
            _wrapped(
                group, title, text_of(member.character), self._named(group, member), self._finish
            )
            for member in group.members
            if _takes_part(self._context, group, member)
        ]
        return "\n".join(text for text in texts if text)


def _takes_part(context: Context, group: Group, member: Member) -> bool:
    joined = not member.muted or group.mode is GroupMode.JOIN_MUTED
    return joined or _speaks(context, member)


def _speaks(context: Context, member: Member) -> bool:
    return member.character.name == context.character.name


def _wrapped(group: Group, title: str, text: str, own: MacroNames, finish: Finish) -> str:
    """A member's field between the group's prefix and suffix; blank fields are left out."""
    if not trim(text):
        return ""

    def named(text: str) -> str:
        return finish(_FIELD_NAME.sub(lambda found: title, text), own)

    prefix, suffix = named(group.join_prefix), named(group.join_suffix)
    return prefix + named(trim(text)) + suffix


def _with_start(text: str) -> str:
    bare = trim(text)
    return f"{_START}\n{bare}" if bare and not bare.startswith(_START) else bare
