"""The card's fields for this reply: overridden, joined over a group, macros resolved."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

from core.characters.character import Character, DepthPrompt
from core.macros.engine import Macros
from core.macros.environment import MacroNames
from core.macros.javascript import trim
from core.prompt.context import Context, GivesWay, Group, GroupMember, GroupMode

_FIELD_NAME = re.compile("<FIELDNAME>", re.IGNORECASE)
_NEWLINES = re.compile(r"\n+")
_START = "<START>"
CUT = " […]"
"""Stands where the end of a text was left out."""
_ORDER = (
    *("system_prompt", "examples", "description", "personality", "persona", "scenario"),
    *("instructions", "depth_prompt", "creator_notes", "greetings", "depth_prompts"),
)
"""In which SillyTavern resolves the fields: a macro in one may set a variable for the next."""


def finish_field(
    context: Context, macros: Macros, text: str, names: MacroNames | None = None
) -> str:
    """A field as finished text, under other names where some are given.

    Macros of card fields give nothing in it.
    """
    text = macros.expand(text, card=False, names=names)
    if context.formatting.collapse_newlines:
        text = _NEWLINES.sub("\n", text)
    return text.replace("\r", "")


class CardReader:
    """The card as one text sees it: each field is resolved once, when it is first asked for."""

    def __init__(self, context: Context, macros: Macros) -> None:
        self._context = context
        self._macros = macros
        self._names = macros.environment.names
        self._card = context.character
        group = context.group
        self._group = group if group is not None and group.mode is not GroupMode.SWAP else None

    def resolve(self) -> None:
        for name in _ORDER:
            getattr(self, name)

    @cached_property
    def system_prompt(self) -> str:
        """The card's or the chat's own system prompt, where it is preferred."""
        if not self._context.formatting.prefer_character_prompt:
            return ""
        return self._field(self._context.overrides.system_prompt or self._card.system_prompt)

    @cached_property
    def examples(self) -> str:
        own = self._context.overrides.examples
        if self._context.has_lost(GivesWay.EXAMPLES):
            return ""
        if self._group is None:
            return self._field(own or self._card.mes_example)
        return self._shared("Example Messages", lambda card: _with_start(card.mes_example), own)

    @cached_property
    def description(self) -> str:
        room = self._context.room
        most = room.description if room is not None else None
        text = self._shared("Description", lambda card: card.description, most=most)
        name = self._card.name
        # Whatever else gives way: the model is told whom it plays.
        is_cut = most is not None or (room is not None and bool(room.gone))
        return f"{name}\n{text}".rstrip() if is_cut and name not in text else text

    @cached_property
    def personality(self) -> str:
        if self._context.has_lost(GivesWay.PERSONALITY):
            return ""
        return self._shared("Personality", lambda card: card.personality)

    @cached_property
    def persona(self) -> str:
        return self._field(self._context.persona.description)

    @cached_property
    def scenario(self) -> str:
        own = self._context.overrides.scenario
        if self._context.has_lost(GivesWay.SCENARIO):
            return ""
        return self._shared("Scenario", lambda card: card.scenario, own)

    @cached_property
    def instructions(self) -> str:
        """The card's post-history instructions, where they are preferred."""
        wanted = self._context.formatting.prefer_character_instructions
        return self._field(self._card.post_history_instructions) if wanted else ""

    @cached_property
    def version(self) -> str:
        return self._card.character_version

    @cached_property
    def depth_prompt(self) -> str:
        if self._context.has_lost(GivesWay.NOTE):
            return ""
        return self._field(self._card.depth_prompt.text)

    @cached_property
    def creator_notes(self) -> str:
        return self._field(self._card.creator_notes)

    @cached_property
    def greetings(self) -> tuple[str, ...]:
        """The first message, then the alternates."""
        card = self._card
        return tuple(self._field(text) for text in (card.first_mes, *card.alternate_greetings))

    @cached_property
    def depth_prompts(self) -> tuple[DepthPrompt, ...]:
        """The notes to be placed in the chat: the speaker's, or all members' in a joined group."""
        if self._context.has_lost(GivesWay.NOTE):
            return ()
        if self._group is None:
            notes = [replace(self._card.depth_prompt, text=self.depth_prompt)]
        else:
            # The notes of muted members stay out, also where their cards are joined.
            notes = [
                replace(note, text=self._field(note.text, self._named(self._group, member)))
                for member in self._group.members
                if not member.muted or self._answers(member)
                for note in [member.character.depth_prompt]
            ]
        return tuple(note for note in notes if note.text)

    def _field(self, text: str, names: MacroNames | None = None) -> str:
        return finish_field(self._context, self._macros, trim(text), names)

    def _answers(self, member: GroupMember) -> bool:
        return member.character.name == self._card.name

    def _named(self, group: Group, member: GroupMember) -> MacroNames:
        """The names as another member of the group would have them."""
        name = member.character.name
        others = ", ".join(group.names(muted=False, without=name))
        return replace(self._names, char=name, not_char=others)

    def _shared(
        self,
        title: str,
        text_of: Callable[[Character], str],
        own: str = "",
        most: int | None = None,
    ) -> str:
        """A field of the speaker, or of all members who take part; `own` is the chat's instead.

        `most`: characters of each that stay, from the beginning.
        """
        group = self._group
        if group is None:
            return begun(self._field(own or text_of(self._card)), most)
        if own and (field := self._field(own)):
            return field
        texts = [
            self._wrapped(group, title, text_of(member.character), self._named(group, member), most)
            for member in group.members
            if not member.muted or group.mode is GroupMode.JOIN_MUTED or self._answers(member)
        ]
        return "\n".join(text for text in texts if text)

    def _wrapped(
        self, group: Group, title: str, text: str, names: MacroNames, most: int | None = None
    ) -> str:
        """A member's field between the group's prefix and suffix; blank fields are left out."""
        if not trim(text):
            return ""
        prefix, suffix, inner = (
            finish_field(
                self._context, self._macros, _FIELD_NAME.sub(lambda found: title, piece), names
            )
            for piece in (group.join_prefix, group.join_suffix, trim(text))
        )
        return prefix + begun(inner, most) + suffix


def begun(text: str, most: int | None) -> str:
    """The beginning of a text that is longer than that many characters."""
    if most is None or len(text) <= most:
        return text
    return f"{text[:most].rstrip()}{CUT}" if most > 0 else ""


def _with_start(text: str) -> str:
    bare = trim(text)
    return f"{_START}\n{bare}" if bare and not bare.startswith(_START) else bare
