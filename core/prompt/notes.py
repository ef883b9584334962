"""What stands inside the chat and around the story: author's note, card's notes, persona, lore."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from core.lorebook import ScanResult
from core.macros.javascript import trim
from core.patterns.characters import WHITE
from core.presets.templates import PromptRole
from core.prompt.context import NotePosition, PersonaPosition
from core.prompt.prompt import PartKind
from core.prompt.prompt_build import Injection, PromptBuild

NOTE_ID = "2_floating_prompt"
DEPTH_PROMPT_ID = "DEPTH_PROMPT"
PERSONA_ID = "PERSONA_DESCRIPTION"
STORY_ID = "__STORY_STRING__"
LORE_ID = "customDepthWI"
QUIET_ID = "QUIET_PROMPT"

ROLES = (PromptRole.SYSTEM, PromptRole.USER, PromptRole.ASSISTANT)
"""The order in which roles of one depth are inserted: system ends up nearest to the end."""
_ROLES = {"user": PromptRole.USER, "assistant": PromptRole.ASSISTANT}


CARD_PROMPT = "the card's main prompt"
CARD_INSTRUCTIONS = "the card's post-history instructions"
_SOURCES = {NOTE_ID: "author's note", PERSONA_ID: "persona", STORY_ID: "story string"}


def kind_of(id_: str) -> PartKind:
    """What kind of part an injection is."""
    if id_.startswith(LORE_ID):
        return PartKind.LORE
    return PartKind.PERSONA if id_ == PERSONA_ID else PartKind.NOTE


def source_of(id_: str) -> str:
    """What an injection is, in words."""
    if id_.startswith(DEPTH_PROMPT_ID):
        return "character's note"
    if id_.startswith(LORE_ID):
        return f"lore at depth {id_.split('_')[1]}"
    return _SOURCES.get(id_, id_)


def note_fires(build: PromptBuild) -> bool:
    """Whether the author's note is in this prompt; hidden messages count."""
    frequency = build.context.note.frequency
    if frequency <= 1:
        # Usually it is in every prompt; then nothing has to be counted.
        return frequency == 1
    messages = sum(message.is_user for message in build.chat)
    return messages > 0 and messages % frequency == 0


def depth_prompts(build: PromptBuild) -> list[Injection]:
    """The notes of the card, or of all cards in a joined group."""
    prompts = build.card.depth_prompts
    joined = build.context.group is not None and len(prompts) > 0
    scanned = build.context.note.scanned
    return [
        Injection(
            f"{DEPTH_PROMPT_ID}_{index}" if joined else DEPTH_PROMPT_ID,
            prompt.text,
            NotePosition.IN_CHAT,
            prompt.depth,
            _ROLES.get(prompt.role.strip().lower(), PromptRole.SYSTEM),
            scanned,
        )
        for index, prompt in enumerate(prompts)
    ]


def scanned_texts(build: PromptBuild) -> list[Injection]:
    """Injections whose text is searched for lore keys, as they stand before the scan."""
    context, persona = build.context, build.context.persona
    texts = [one for one in depth_prompts(build) if one.scanned]
    if context.note.scanned and context.note.text and note_fires(build):
        texts.append(Injection(NOTE_ID, context.note.text))
    if build.quiet:
        texts.append(Injection(QUIET_ID, build.quiet))
    # The persona is registered after the scan, so the first scan of a chat misses it.
    if (
        persona.position is PersonaPosition.AT_DEPTH
        and not context.first_build
        and persona.description
    ):
        texts.append(Injection(PERSONA_ID, persona.description))
    return texts


def place_notes(build: PromptBuild, lore: ScanResult) -> None:
    """Registers all injections of the prompt."""
    context = build.context
    build.injections = depth_prompts(build)
    for one in lore.depths:
        role = PromptRole(one.role)
        id_ = f"{LORE_ID}_{one.depth}_{role}"
        build.injections.append(Injection(id_, one.text, depth=one.depth, role=role))
    note = _note_text(build, lore) if note_fires(build) else ""
    if note:
        position, depth, role = context.note.position, context.note.depth, context.note.role
        build.injections.append(Injection(NOTE_ID, note, position, depth, role))
    persona = context.persona
    if persona.position is PersonaPosition.AT_DEPTH and persona.description:
        build.injections.append(
            Injection(
                PERSONA_ID,
                persona.description,
                NotePosition.IN_CHAT,
                persona.depth,
                persona.role,
                True,
            )
        )


def _note_text(build: PromptBuild, lore: ScanResult) -> str:
    """The author's note with lore and persona around it."""
    note, persona = build.context.note.text, build.context.persona
    if lore.note_top or lore.note_bottom:
        # An empty note between two lists leaves a blank line, as in SillyTavern 1.19.0.
        note = "\n".join(("\n".join(lore.note_top), note, "\n".join(lore.note_bottom)))
        note = note.removeprefix("\n").removesuffix("\n")
    if persona.description and persona.position is PersonaPosition.TOP_OF_NOTE:
        return f"{persona.description}\n{note}"
    if persona.description and persona.position is PersonaPosition.BOTTOM_OF_NOTE:
        return f"{note}\n{persona.description}"
    return note


@dataclass(frozen=True, slots=True)
class JoinedInjection:
    """The texts of one depth and role, joined; `sources` are their ids."""

    depth: int
    role: PromptRole
    text: str
    sources: tuple[str, ...]

    @property
    def is_user(self) -> bool:
        return self.role is PromptRole.USER

    @property
    def is_lore(self) -> bool:
        return all(source.startswith(LORE_ID) for source in self.sources)


def in_chat(injections: Iterable[Injection], expand: Callable[[str], str]) -> list[JoinedInjection]:
    """Joined injections of the chat in the order of insertion: depth 0 first, then by role."""
    placed = [one for one in injections if one.position is NotePosition.IN_CHAT and one.text]
    joined: list[JoinedInjection] = []
    for depth in sorted({one.depth for one in placed if one.depth >= 0}):
        for role in ROLES:
            same = [one for one in placed if one.depth == depth and one.role is role]
            text = join(same, expand).lstrip(WHITE)
            if text:
                sources = tuple(sorted(one.id for one in same))
                joined.append(JoinedInjection(depth, role, text, sources))
    return joined


def anchor(
    injections: Iterable[Injection], position: NotePosition, expand: Callable[[str], str]
) -> str:
    """Injections before or after the story, as the story string's anchors show them."""

    def between_lines(text: str) -> str:
        # Line ends around it, while its macros are resolved: {{trim}} and {{pick}} notice.
        text = text if text.startswith("\n") else f"\n{text}"
        return expand(text if text.endswith("\n") else f"{text}\n")

    return trim(join([one for one in injections if one.position is position], between_lines))


def join(injections: Iterable[Injection], expand: Callable[[str], str]) -> str:
    """Texts in the order of their ids, one a line, with macros resolved."""
    ordered = sorted((one for one in injections if one.text), key=lambda one: one.id)
    text = "\n".join(trim(one.text) for one in ordered)
    return expand(text) if text else ""
