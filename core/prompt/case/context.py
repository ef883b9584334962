"""A case file's content as the context of a reply."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from core.characters.character import Character
from core.kind import Kind
from core.lorebook import ActiveBook, ScanSettings, Sources, Strategy, TimedEffect, TimedState
from core.lorebook.formats import from_character_book, from_world_info
from core.lorebook.timed import entry_hash
from core.macros.engine import Macros
from core.macros.environment import Environment, MacroNames
from core.patterns.matcher import Matcher
from core.presets.templates import (
    ChatPreset,
    ContextTemplate,
    InstructTemplate,
    PromptRole,
    SystemPrompt,
)
from core.prompt.case.model import (
    Case,
    CaseBook,
    CaseGroup,
    CaseMessage,
    CaseMetadata,
    CaseSettings,
    CaseTimer,
    CaseTimers,
    CaseWorld,
)
from core.prompt.context import (
    AuthorsNote,
    ChatCounting,
    Context,
    Formatting,
    Group,
    GroupMember,
    GroupMode,
    HistoryMessage,
    Lore,
    NotePosition,
    Overrides,
    PersonaDescription,
    PersonaPosition,
    Purpose,
    Seeds,
    Sizes,
)

_OPENAI = ("o1-preview", "o1-mini", "o3", "o4-mini", "gpt-5", "gpt-4", "gpt-3.5-turbo")
_OTHERS = (
    *("claude", "llama3", "llama-3", "llama", "mistral", "yi", "deepseek", "gemma", "gemini"),
    *("learnlm", "jamba", "qwen2", "command-r", "command-a", "nemo"),
)


def case_context(case: Case, matcher: Matcher) -> Context:
    """The context that the case describes, unguarded: exactly what SillyTavern would build."""
    settings = case.settings
    characters = [Character.from_document(card) for card in case.characters]
    group = _group(case.group, characters)
    history = _history(case, characters, group)
    character = _speaker(case, characters, group, history)
    kind = Kind(settings.api)
    instruct = InstructTemplate.model_validate(case.instruct or {})
    metadata = case.chat_metadata or CaseMetadata()
    note, persona = settings.authors_note, settings.persona
    return Context(
        kind=kind,
        character=character,
        user_name=settings.user_name,
        history=history,
        purpose=Purpose(settings.type),
        group=group,
        persona=PersonaDescription(
            persona.description,
            PersonaPosition(persona.position),
            persona.depth,
            PromptRole(persona.role),
        ),
        note=AuthorsNote(
            _boxed(note.text),
            note.frequency,
            NotePosition(note.position),
            note.depth,
            PromptRole(note.role),
            note.allow_wi_scan,
        ),
        typed=_boxed(settings.typed),
        quiet_prompt=settings.quiet_prompt,
        context_template=ContextTemplate.model_validate(case.context or {}),
        instruct=instruct if settings.instruct_enabled and kind is Kind.TEXT else None,
        system_prompt=SystemPrompt.model_validate(case.sysprompt or {"enabled": False}),
        chat_preset=ChatPreset.model_validate(case.chat_preset or {}),
        chat_counting=chat_counting(settings.chat_model),
        formatting=_formatting(settings),
        lore=_lore(case, character),
        matcher=matcher,
        overrides=Overrides(
            metadata.scenario or "", metadata.mes_example or "", metadata.system_prompt or ""
        ),
        seeds=Seeds(chat=metadata.chat_id_hash or 0, reroll=str(metadata.pick_reroll_seed or "")),
        sizes=Sizes(settings.max_context, settings.max_response, settings.token_padding),
        model=settings.chat_model if kind is Kind.CHAT else "",
        # Nothing is built ahead for groups.
        first_build=bool(case.cold) or group is not None,
        guarded=False,
    )


def chat_counting(model: str) -> ChatCounting:
    """How SillyTavern adds up a message for a model behind a custom endpoint.

    Letters count as they are written. Of Claude's models only the bare name is known as such;
    the others' counts are corrected like those of any tokenizer that is not OpenAI's.
    """
    if model == "claude":
        return ChatCounting.CLAUDE
    is_other = not any(part in model for part in _OPENAI) and any(part in model for part in _OTHERS)
    return ChatCounting.JOINED if is_other else ChatCounting.OPENAI


def _history(
    case: Case, characters: Sequence[Character], group: Group | None
) -> list[HistoryMessage]:
    if case.history is not None:
        return [_message(message) for message in case.history]
    if group is None:
        return _greeting(characters[0])
    # A new group chat: everybody's first message under their own name.
    cards = [one.character for one in group.members]
    together = ", ".join(card.name for card in cards)
    greetings = [
        HistoryMessage(
            card.name,
            Macros(
                Environment(MacroNames(case.settings.user_name, card.name, together, together))
            ).expand(card.first_mes.strip()),
        )
        for card in cards
    ]
    return [greeting for greeting in greetings if greeting.text]


def _greeting(card: Character) -> list[HistoryMessage]:
    """A new chat: the first message; an empty one is skipped where there are alternates."""
    alternates = card.alternate_greetings
    greetings = (card.first_mes, *alternates) if card.first_mes else tuple(alternates)
    if not greetings or not greetings[0]:
        return []
    greeting = HistoryMessage(card.name, greetings[0])
    return [replace(greeting, swipe=0, swipes=len(greetings))] if alternates else [greeting]


def _message(message: CaseMessage) -> HistoryMessage:
    return HistoryMessage(
        name=message.name or "",
        text=message.mes or "",
        is_user=bool(message.is_user),
        narrator=(message.extra or {}).get("type") == "narrator",
        hidden=bool(message.is_system),
        borrowed_name=bool(message.force_avatar),
        swipe=message.swipe_id,
        swipes=len(message.swipes) if message.swipes else None,
    )


def _group(group: CaseGroup | None, characters: Sequence[Character]) -> Group | None:
    if group is None:
        return None
    cards = {card.name: card for card in characters}
    muted = set(group.disabled_members or ())
    return Group(
        tuple(GroupMember(cards[name], name in muted) for name in group.members if name in cards),
        group.name or "",
        GroupMode(group.generation_mode or 0),
        group.join_prefix or "",
        group.join_suffix or "",
    )


def _speaker(
    case: Case,
    characters: Sequence[Character],
    group: Group | None,
    history: Sequence[HistoryMessage],
) -> Character:
    """Who answers: a message that is continued or swiped is its own author's."""
    if group is None or case.group is None:
        return characters[0]
    cards = {member.character.name: member.character for member in group.members}
    if case.settings.type in ("continue", "swipe"):
        for message in reversed(history):
            if not message.is_user and message.name in cards:
                return cards[message.name]
    if (name := case.group.speaker) not in cards:
        raise ValueError(f"group.speaker: there is no member {name}")
    return cards[name]


def _boxed(text: str) -> str:
    """A text as the text box it is typed into gives it back."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _formatting(settings: CaseSettings) -> Formatting:
    return Formatting(
        always_force_name=settings.always_force_name2,
        collapse_newlines=settings.collapse_newlines,
        pin_examples=settings.pin_examples,
        strip_examples=settings.strip_examples,
        single_line=settings.single_line,
        trim_sentences=settings.trim_sentences,
        prefer_character_prompt=settings.prefer_character_prompt,
        prefer_character_instructions=settings.prefer_character_jailbreak,
        reply_start=settings.user_prompt_bias,
        custom_stop=_stop_list(settings.custom_stopping_strings),
        custom_stop_macros=settings.custom_stopping_strings_macro,
    )


def _stop_list(text: str) -> tuple[str, ...]:
    """A JSON list inside a text; anything else is no list."""
    try:
        found = json.loads(text) if text else []
    except ValueError:
        return ()
    return tuple(item for item in found if isinstance(item, str)) if isinstance(found, list) else ()


def _lore(case: Case, character: Character) -> Lore:
    """The books in reach, how they are scanned, and the timers that run."""
    sources = _sources(case, character)
    scan = case.settings.world_info
    # SillyTavern writes 0 where there is no limit.
    limits = {"budget_cap", "max_recursion_steps", "min_activations_depth_max"}
    settings = ScanSettings(
        strategy=Strategy(scan.character_strategy),
        budget_cap=scan.budget_cap or None,
        max_recursion_steps=scan.max_recursion_steps or None,
        min_activations_depth_max=scan.min_activations_depth_max or None,
        **scan.model_dump(exclude={"character_strategy", *limits}),
    )
    return Lore(sources, settings, _timed(case.timed or CaseTimers(), sources))


def _sources(case: Case, character: Character) -> Sources:
    world = case.world_info or CaseWorld()
    books = world.books or {}

    def bound(names: Iterable[str | None] | None) -> tuple[ActiveBook, ...]:
        return tuple(_active(name, books[name]) for name in names or () if name and name in books)

    own: tuple[ActiveBook, ...] = ()
    if case.import_embedded_book and character.character_book:
        book = from_character_book(character.character_book, [])
        # SillyTavern links it by number: of several entries with one it keeps the last.
        entries = {entry.uid: entry for entry in book.entries}
        book = book.model_copy(update={"entries": tuple(entries.values())})
        own = (ActiveBook(book.name or f"{character.name}'s Lorebook", book),)
    return Sources(
        chat=bound([world.chat]),
        persona=bound([case.settings.persona.lorebook]),
        character=(*own, *bound(world.character_extra)),
        shared=bound(world.shared),
    )


def _active(name: str, book: CaseBook) -> ActiveBook:
    document = book.model_dump(exclude_unset=True)
    return ActiveBook(name, from_world_info(document, []).model_copy(update={"name": name}))


def _timed(timers: CaseTimers, sources: Sources) -> TimedState:
    """Timers name their entry by number alone; the first book that has it is meant."""
    entries = {
        entry.uid: (active.id, entry)
        for group in (sources.shared, sources.character, sources.persona, sources.chat)
        for active in reversed(group)
        for entry in reversed(active.book.entries)
    }

    def running(found: Iterable[CaseTimer] | None) -> dict[tuple[str, int], TimedEffect]:
        return {
            (book, entry.uid): TimedEffect(
                timer.start, timer.end, entry_hash(entry), bool(timer.protected)
            )
            for timer in found or ()
            if timer.uid in entries
            for book, entry in [entries[timer.uid]]
        }

    return TimedState(running(timers.sticky), running(timers.cooldown))
