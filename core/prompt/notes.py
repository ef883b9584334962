"""Author's note, character's notes and persona: what is placed where, before and after the scan."""

from core.lorebook import ScanResult
from core.prompt.context import AuthorsNote, NoteRole, PersonaPlace, Place
from core.prompt.draft import Draft
from core.prompt.inject import (
    DEPTH_PROMPT_ID,
    LORE_ID,
    NOTE_ID,
    PERSONA_ID,
    QUIET_ID,
    Injection,
)

_ROLES = {"user": NoteRole.USER, "assistant": NoteRole.ASSISTANT}


def note_fires(note: AuthorsNote, user_messages: int) -> bool:
    """Whether the author's note is in this prompt; hidden messages count."""
    if note.frequency == 1:
        return True
    return user_messages > 0 and note.frequency > 0 and user_messages % note.frequency == 0


def depth_prompts(draft: Draft) -> list[Injection]:
    """The notes of the card, or of all cards in a joined group."""
    prompts = draft.fields.depth_prompts
    joined = draft.context.group is not None and len(prompts) > 0
    scanned = draft.context.note.scanned
    return [
        Injection(
            f"{DEPTH_PROMPT_ID}_{index}" if joined else DEPTH_PROMPT_ID,
            prompt.text,
            Place.IN_CHAT,
            prompt.depth,
            _ROLES.get(prompt.role.strip().lower(), NoteRole.SYSTEM),
            scanned,
        )
        for index, prompt in enumerate(prompts)
    ]


def scanned_texts(draft: Draft, fires: bool) -> list[Injection]:
    """Injections whose text is searched for lore keys, as they stand before the scan."""
    context, persona = draft.context, draft.context.persona
    texts = [one for one in depth_prompts(draft) if one.scanned]
    if fires and context.note.scanned and context.note.text:
        texts.append(Injection(NOTE_ID, context.note.text))
    if draft.quiet:
        texts.append(Injection(QUIET_ID, draft.quiet))
    # The persona is registered after the scan, so the first scan of a chat misses it.
    if persona.place is PersonaPlace.AT_DEPTH and not context.first_build and persona.description:
        texts.append(Injection(PERSONA_ID, persona.description))
    return texts


def place_notes(draft: Draft, lore: ScanResult, fires: bool) -> None:
    """Registers all injections of the prompt."""
    context = draft.context
    draft.injections = depth_prompts(draft)
    for one in lore.depths:
        role = NoteRole(int(one.role))
        id_ = f"{LORE_ID}_{one.depth}_{int(role)}"
        draft.injections.append(Injection(id_, one.text, Place.IN_CHAT, one.depth, role))
    note = _note_text(draft, lore) if fires else ""
    if note:
        place, depth, role = context.note.place, context.note.depth, context.note.role
        draft.injections.append(Injection(NOTE_ID, note, place, depth, role))
    persona = context.persona
    if persona.place is PersonaPlace.AT_DEPTH and persona.description:
        draft.injections.append(
            Injection(
                PERSONA_ID, persona.description, Place.IN_CHAT, persona.depth, persona.role, True
            )
        )


def _note_text(draft: Draft, lore: ScanResult) -> str:
    """The author's note with lore and persona around it."""
    note, persona = draft.context.note.text, draft.context.persona
    if lore.note_top or lore.note_bottom:
        # An empty note between two lists leaves a blank line (SEMANTICS 15).
        note = "\n".join(("\n".join(lore.note_top), note, "\n".join(lore.note_bottom)))
        note = note.removeprefix("\n").removesuffix("\n")
    if persona.description and persona.place is PersonaPlace.TOP_OF_NOTE:
        return f"{persona.description}\n{note}"
    if persona.description and persona.place is PersonaPlace.BOTTOM_OF_NOTE:
        return f"{note}\n{persona.description}"
    return note
