"""The ordered prompt list of a chat preset, filled with card, persona, lore and notes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from core.lorebook import ScanResult
from core.presets.templates import ChatPrompt
from core.prompt.context import NotePosition, PersonaPosition, Purpose
from core.prompt.notes import CARD_INSTRUCTIONS, CARD_PROMPT, NOTE_ID, source_of
from core.prompt.prompt import PartKind
from core.prompt.prompt_build import PromptBuild

MAIN = "main"
INSTRUCTIONS = "jailbreak"
HISTORY = "chatHistory"
EXAMPLES = "dialogueExamples"
NOTE = "authorsNote"
DEFAULT_ORDER = 100

_PLACEHOLDER = re.compile(r"\{([0-9]+)\}")
_NOT_WORD = re.compile(r"[^A-Za-z0-9_]")
_KNOWN = {
    "main": (PartKind.SYSTEM, "main prompt"),
    "nsfw": (PartKind.SYSTEM, "auxiliary prompt"),
    "jailbreak": (PartKind.INSTRUCTIONS, "post-history instructions"),
    "enhanceDefinitions": (PartKind.UTILITY, "enhance definitions"),
    "worldInfoBefore": (PartKind.LORE, "lore before the character"),
    "worldInfoAfter": (PartKind.LORE, "lore after the character"),
    "charDescription": (PartKind.CARD, "description"),
    "charPersonality": (PartKind.CARD, "personality"),
    "scenario": (PartKind.CARD, "scenario"),
    "personaDescription": (PartKind.PERSONA, "persona"),
    "authorsNote": (PartKind.NOTE, "author's note"),
    "impersonate": (PartKind.UTILITY, "impersonation prompt"),
    "quietPrompt": (PartKind.UTILITY, "quiet prompt"),
    "groupNudge": (PartKind.UTILITY, "group nudge"),
    "bias": (PartKind.REPLY_START, "start of the reply"),
}
"""What the fixed prompts are, for the person who looks at the finished prompt."""


@dataclass(frozen=True, slots=True)
class ListedPrompt:
    """One prompt of the list. `beside_main`: a note before (True) or after (False) main's text."""

    id: str
    content: str = ""
    role: str = "system"
    """Empty where the preset names none: the system's in its place, and nobody's in the chat."""
    in_chat: bool = False
    depth: int | None = None
    order: int = DEFAULT_ORDER
    is_own: bool = False
    """Defined by the person, not one of the fixed ones."""
    forbids_overrides: bool = False
    beside_main: bool | None = None
    name: str = ""
    """What its author calls it."""
    of_card: bool = False
    """The card's own text stands in place of the preset's."""

    @property
    def part(self) -> tuple[PartKind, str]:
        """Kind and source, for the person who looks at the finished prompt."""
        kind, source = _KNOWN.get(self.id, (PartKind.SYSTEM, self.name or source_of(self.id)))
        own = {MAIN: CARD_PROMPT, INSTRUCTIONS: CARD_INSTRUCTIONS}.get(self.id)
        return kind, own if self.of_card and own else source


class PromptList:
    """The prompts by place. Several passes of macros run over each, as in SillyTavern."""

    def __init__(self, build: PromptBuild, lore: ScanResult) -> None:
        self._build = build
        self._expand = build.macros.expand
        preset = build.context.chat_preset
        self._disabled = {item.identifier for item in preset.order if not item.enabled}
        filled = list(self._filled(lore))
        self.items = list(self._ordered())
        for prompt in filled:
            self._merge(prompt)
        self._override(MAIN, build.card.system_prompt)
        self._override(INSTRUCTIONS, build.card.instructions)

    def index(self, id_: str) -> int:
        """The place of a prompt; -1 where it is not in the list."""
        return next((place for place, one in enumerate(self.items) if one.id == id_), -1)

    def get(self, id_: str) -> ListedPrompt | None:
        place = self.index(id_)
        return self.items[place] if place >= 0 else None

    def is_disabled(self, id_: str) -> bool:
        """Whether the person switched it off; main stays as an empty place."""
        return id_ in self._disabled and id_ != MAIN

    def _ordered(self) -> Iterator[ListedPrompt]:
        """What the preset's order switches on. Main is always there, if only for notes."""
        preset = self._build.context.chat_preset
        for item in preset.order:
            prompt = preset.definition(item.identifier)
            if prompt is None:
                continue
            purposes = prompt.injection_trigger
            is_meant = not purposes or str(self._build.context.purpose) in purposes
            if item.enabled and is_meant:
                yield self._listed(prompt, self._expand(prompt.content))
            elif item.identifier == MAIN:
                yield self._listed(prompt, "")

    @staticmethod
    def _listed(prompt: ChatPrompt, content: str) -> ListedPrompt:
        return ListedPrompt(
            prompt.identifier,
            content,
            prompt.role or "",
            prompt.injection_position == 1,
            prompt.injection_depth,
            DEFAULT_ORDER if prompt.injection_order is None else prompt.injection_order,
            name=prompt.name,
            is_own="system_prompt" in prompt.model_fields_set and not prompt.system_prompt,
            forbids_overrides=prompt.forbid_overrides,
        )

    def _filled(self, lore: ScanResult) -> Iterator[ListedPrompt]:
        """What stands for the markers, and the prompts that no order names."""
        context, card = self._build.context, self._build.card
        preset = context.chat_preset
        yield ListedPrompt("worldInfoBefore", self._lore(lore.before))
        yield ListedPrompt("worldInfoAfter", self._lore(lore.after))
        yield ListedPrompt("charDescription", card.description)
        yield ListedPrompt(
            "charPersonality", self._formatted(card.personality, preset.personality_format)
        )
        yield ListedPrompt("scenario", self._formatted(card.scenario, preset.scenario_format))
        yield ListedPrompt("impersonate", self._expand(preset.impersonation_prompt))
        quiet = self._build.quiet if context.purpose is Purpose.QUIET else ""
        yield ListedPrompt("quietPrompt", quiet)
        yield ListedPrompt("groupNudge", self._expand(preset.group_nudge_prompt))
        yield ListedPrompt("bias", self._build.reply_start, "assistant")
        yield from self._notes()
        if context.persona.position is PersonaPosition.IN_PROMPT and context.persona.description:
            yield ListedPrompt("personaDescription", context.persona.description)

    def _lore(self, text: str) -> str:
        form = self._build.context.chat_preset.wi_format
        if not text or not form.strip():
            return text
        return _PLACEHOLDER.sub(lambda found: text if int(found[1][:9]) == 0 else found[0], form)

    def _formatted(self, text: str, form: str) -> str:
        return self._expand(form) if text and form else text

    def _notes(self) -> Iterator[ListedPrompt]:
        """Notes before and after main; the author's note comes first."""
        beside = [one for one in self._build.injections if one.position is not NotePosition.IN_CHAT]
        for one in sorted(beside, key=lambda one: one.id != NOTE_ID):
            if one.text:
                id_ = NOTE if one.id == NOTE_ID else _NOT_WORD.sub("_", one.id)
                before = one.position is NotePosition.BEFORE_STORY
                yield ListedPrompt(id_, one.text, one.role.wire, beside_main=before)

    def _merge(self, prompt: ListedPrompt) -> None:
        """Puts a filled prompt in its marker's place, under the marker's settings."""
        place = self.index(prompt.id)
        content = self._expand(prompt.content)
        if place < 0:
            self.items.append(replace(prompt, content=content))
            return
        marker = self.items[place]
        self.items[place] = replace(
            marker,
            content=content,
            role=marker.role or prompt.role,
            is_own=False,
            beside_main=prompt.beside_main,
        )

    def _override(self, id_: str, own: str) -> None:
        """The card's text in place of the preset's, where both allow it."""
        place = self.index(id_)
        if not own or place < 0 or id_ in self._disabled:
            return
        prompt = self.items[place]
        if not prompt.forbids_overrides:
            content = self._expand(own, original=prompt.content)
            self.items[place] = replace(prompt, content=content, of_card=True)
