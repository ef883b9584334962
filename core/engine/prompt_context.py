"""The context of a prompt: what a reply starts from, in the terms of the prompt builder."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from core.backends.types import Image
from core.chat.message import Message, Role
from core.engine.reply_input import ReplyInput
from core.kind import Kind
from core.lorebook import ScanSettings, Strategy
from core.options.table import (
    ALWAYS_FORCE_NAME,
    COLLAPSE_NEWLINES,
    CUSTOM_STOP,
    EXAMPLE_DIALOGUES,
    EXAMPLES,
    GROUP_CARDS,
    GROUP_JOIN_PREFIX,
    GROUP_JOIN_SUFFIX,
    LORE_BUDGET_CAP,
    LORE_BUDGET_PERCENT,
    LORE_CASE_SENSITIVE,
    LORE_DEPTH,
    LORE_GROUP_SCORING,
    LORE_INCLUDE_NAMES,
    LORE_MAX_RECURSION,
    LORE_MIN_ACTIVATIONS,
    LORE_MIN_ACTIVATIONS_DEPTH,
    LORE_RECURSIVE,
    LORE_STRATEGY,
    LORE_WHOLE_WORDS,
    MAIN_PROMPT,
    NOTE_DEPTH,
    NOTE_FREQUENCY,
    NOTE_POSITION,
    NOTE_ROLE,
    NOTE_SCAN,
    NOTE_TEXT,
    PREFER_CHARACTER_INSTRUCTIONS,
    PREFER_CHARACTER_PROMPT,
    REPLY_LENGTH,
    REPLY_START,
    SCENARIO,
    SINGLE_LINE,
    TIME_ZONE,
    TOKEN_PADDING,
    TRIM_SENTENCES,
    Resolved,
)
from core.presets.templates import PromptRole
from core.prompt.context import (
    AuthorsNote,
    Clock,
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
from core.storage.personas import StoredPersona


@dataclass(slots=True)
class LineCache:
    """Lines made of stored messages, once for each: a long story has thousands."""

    made: dict[int, tuple[Message, HistoryMessage]] = field(default_factory=dict)

    def of(
        self, messages: Sequence[Message], pictures: Mapping[int, Image]
    ) -> list[HistoryMessage]:
        if len(self.made) > 2 * len(messages) + 100:
            self.made.clear()
        return [self._line(message, pictures) for message in messages]

    def _line(self, message: Message, pictures: Mapping[int, Image]) -> HistoryMessage:
        known = self.made.get(message.id)
        if known is not None and known[0] is message:
            return known[1]
        line = line_of(message, pictures)
        # Which pictures are sent differs from model to model.
        if not message.attachments:
            self.made[message.id] = (message, line)
        return line


def context_of(reply_input: ReplyInput, lines: LineCache | None = None) -> Context:
    """The frozen input of the prompt builder; `lines` are kept from reply to reply."""
    options = reply_input.options
    size = reply_input.context_size
    reply = reply_input.fitting_reply(options[REPLY_LENGTH])
    padding = reply_input.token_counter.padding(reply_input.kind, options[TOKEN_PADDING])
    character = reply_input.speaker.character
    return Context(
        kind=reply_input.kind,
        character=character,
        user_name=reply_input.user_name,
        history=(lines or LineCache()).of(reply_input.messages, reply_input.pictures),
        purpose=reply_input.purpose,
        group=group_of(reply_input),
        persona=persona_note(reply_input.persona),
        note=authors_note(options),
        typed=reply_input.typed,
        context_template=reply_input.templates.context,
        instruct=reply_input.templates.instruct,
        system_prompt=reply_input.templates.system,
        chat_preset=reply_input.templates.chat,
        chat_counting=reply_input.token_counter.chat_counting,
        formatting=replace(formatting(options), prefill=prefill_of(reply_input)),
        lore=Lore(
            sources=reply_input.books,
            settings=lore_settings(options),
            timed=reply_input.timed,
            character_file=character.file_name,
            character_tags=frozenset(character.tags),
        ),
        matcher=reply_input.matcher,
        scripts=reply_input.scripts,
        overrides=overrides(options),
        variables=reply_input.variables,
        seeds=Seeds(reply=reply_input.seed, chat=reply_input.story.id),
        clock=clock_of(reply_input),
        sizes=Sizes(context=size, reply=reply, padding=padding),
        model=reply_input.facts.model,
        people_named=len(
            {message.author_id for message in reply_input.messages if message.author_id}
        )
        > 1,
    )


def line_of(message: Message, pictures: Mapping[int, Image]) -> HistoryMessage:
    """A stored message as the prompt builder sees it. A card's own greeting is trusted text."""
    images = [pictures[file.id] for file in message.attachments if file.id in pictures]
    shown = message.swipes[message.active] if message.swipes else None
    return HistoryMessage(
        name=message.name,
        text=told(message, pictures),
        images=tuple(images),
        is_user=message.role is Role.USER,
        narrator=message.role is Role.NARRATOR,
        trusted=message.role is Role.CHARACTER and shown is not None and not shown.backend,
        id=message.id,
        swipe=message.active,
        swipes=len(message.swipes),
    )


def told(message: Message, pictures: Mapping[int, Image]) -> str:
    """The message's words with those of its files.

    A picture that is not sent is a note of its name; so is one that comes without any words,
    since an empty message would be left out.
    """
    seen = {file.id for file in message.attachments if file.id in pictures}
    words = "\n".join(filter(None, [message.text, *notes_of_files(message, seen)]))
    return words or "\n".join(notes_of_files(message, set()))


def notes_of_files(message: Message, seen: Collection[int]) -> list[str]:
    """The contents of text files and the names of all others but those `seen`."""
    notes = []
    for file in message.attachments:
        if file.text is not None:
            notes.append(f"[{file.name}]\n{file.text}")
        elif file.id not in seen:
            kind = "image" if file.content_type.startswith("image/") else "file"
            notes.append(f"[{kind}: {file.name}]")
    return notes


def group_of(reply_input: ReplyInput) -> Group | None:
    """Those who take part, where they are more than one."""
    if len(reply_input.scene.members) < 2:
        return None
    return Group(
        members=tuple(
            GroupMember(one.stored.character, one.muted) for one in reply_input.scene.members
        ),
        mode=GROUP_MODES[reply_input.options[GROUP_CARDS]],
        join_prefix=reply_input.options[GROUP_JOIN_PREFIX],
        join_suffix=reply_input.options[GROUP_JOIN_SUFFIX],
    )


def persona_note(stored: StoredPersona | None) -> PersonaDescription:
    if stored is None:
        return PersonaDescription()
    persona = stored.persona
    return PersonaDescription(
        description=persona.description,
        position=PersonaPosition(persona.position),
        depth=persona.depth,
        role=NOTE_ROLES[persona.role],
    )


def clock_of(reply_input: ReplyInput) -> Clock:
    """Now, in the zone the server (or the person) has chosen."""
    zone = ZoneInfo(reply_input.options[TIME_ZONE] or "UTC")
    newest = next(
        (message for message in reversed(reply_input.messages) if message.role is Role.USER), None
    )
    last = datetime.fromtimestamp(newest.created / 1000, UTC) if newest else None
    return Clock(
        now=reply_input.now.astimezone(zone),
        last_user_message=last.astimezone(zone) if last else None,
    )


NOTE_PLACES = {
    "after": NotePosition.AFTER_STORY,
    "in-chat": NotePosition.IN_CHAT,
    "before": NotePosition.BEFORE_STORY,
}
NOTE_ROLES = {
    "system": PromptRole.SYSTEM,
    "user": PromptRole.USER,
    "assistant": PromptRole.ASSISTANT,
}
STRATEGIES = {
    "evenly": Strategy.EVENLY,
    "character-first": Strategy.CHARACTER_FIRST,
    "global-first": Strategy.GLOBAL_FIRST,
}
GROUP_MODES = {
    "swap": GroupMode.SWAP,
    "join": GroupMode.JOIN,
    "join-muted": GroupMode.JOIN_MUTED,
}


def formatting(options: Resolved) -> Formatting:
    """The switches outside of the templates."""
    stop: list[str] = options[CUSTOM_STOP]
    return Formatting(
        always_force_name=options[ALWAYS_FORCE_NAME],
        collapse_newlines=options[COLLAPSE_NEWLINES],
        pin_examples=options[EXAMPLES] == "always",
        strip_examples=options[EXAMPLES] == "never",
        single_line=options[SINGLE_LINE],
        trim_sentences=options[TRIM_SENTENCES],
        prefer_character_prompt=options[PREFER_CHARACTER_PROMPT],
        prefer_character_instructions=options[PREFER_CHARACTER_INSTRUCTIONS],
        reply_start=options[REPLY_START],
        custom_stop=tuple(stop),
    )


def prefill_of(reply_input: ReplyInput) -> str:
    """What the preset has the model go on from, where the model can: elsewhere it is not sent."""
    preset = reply_input.templates.chat
    traits = reply_input.spec.traits(reply_input.facts.model)
    if reply_input.kind is not Kind.CHAT or traits.prefill == "none":
        return ""
    if reply_input.purpose is Purpose.IMPERSONATE:
        return preset.assistant_impersonation
    return preset.assistant_prefill


def authors_note(options: Resolved) -> AuthorsNote:
    return AuthorsNote(
        text=options[NOTE_TEXT],
        frequency=options[NOTE_FREQUENCY],
        position=NOTE_PLACES[options[NOTE_POSITION]],
        depth=options[NOTE_DEPTH],
        role=NOTE_ROLES[options[NOTE_ROLE]],
        scanned=options[NOTE_SCAN],
    )


def lore_settings(options: Resolved) -> ScanSettings:
    return ScanSettings(
        depth=options[LORE_DEPTH],
        min_activations=options[LORE_MIN_ACTIVATIONS],
        min_activations_depth_max=options[LORE_MIN_ACTIVATIONS_DEPTH],
        budget_percent=options[LORE_BUDGET_PERCENT],
        budget_cap=options[LORE_BUDGET_CAP],
        include_names=options[LORE_INCLUDE_NAMES],
        recursive=options[LORE_RECURSIVE],
        case_sensitive=options[LORE_CASE_SENSITIVE],
        match_whole_words=options[LORE_WHOLE_WORDS],
        strategy=STRATEGIES[options[LORE_STRATEGY]],
        use_group_scoring=options[LORE_GROUP_SCORING],
        max_recursion_steps=options[LORE_MAX_RECURSION],
    )


def overrides(options: Resolved) -> Overrides:
    """What this chat says instead of the card."""
    return Overrides(
        scenario=options[SCENARIO],
        examples=options[EXAMPLE_DIALOGUES],
        system_prompt=options[MAIN_PROMPT],
    )


def group_mode(options: Resolved) -> GroupMode:
    return GROUP_MODES[options[GROUP_CARDS]]
