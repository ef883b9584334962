"""Author's note, character's notes and persona: what is placed where, before and after the scan."""

from core.lorebook import ScanResult
from core.presets.templates import PromptRole
from core.prompt.context import NotePosition, PersonaPosition
from core.prompt.injections import (
    DEPTH_PROMPT_ID,
    LORE_ID,
    NOTE_ID,
    PERSONA_ID,
    QUIET_ID,
    Injection,
)
from core.prompt.prompt_build import PromptBuild

_ROLES = {"user": PromptRole.USER, "assistant": PromptRole.ASSISTANT}


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
