"""Everything one reply starts from, read once; and the prompt's context made of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from core.backends.spec import Spec
from core.backends.types import Image
from core.chat.message import Message, Role
from core.chat.place import Place
from core.engine import options_to_prompt
from core.engine.options_to_prompt import NOTE_ROLES
from core.engine.scene import Scene
from core.kind import Kind
from core.lorebook import Sources, TimedState
from core.macros.variables import Variables
from core.models_in_use.backend_pool import ModelFacts, context_size
from core.models_in_use.token_counter import TokenCounter
from core.options.option import Resolved
from core.options.table import (
    CONTEXT_SIZE,
    GROUP_JOIN_PREFIX,
    GROUP_JOIN_SUFFIX,
    REPLY_LENGTH,
    TIME_ZONE,
    TOKEN_PADDING,
)
from core.patterns.matcher import Matcher
from core.presets.preset import Templates
from core.prompt.context import (
    Clock,
    Context,
    Group,
    GroupMember,
    HistoryMessage,
    Lore,
    PersonaDescription,
    PersonaPosition,
    Purpose,
    Seeds,
    Sizes,
)
from core.storage.characters import StoredCharacter
from core.storage.connections import Connection
from core.storage.personas import StoredPersona
from core.storage.story import Story


@dataclass(frozen=True, slots=True)
class ReplyInput:
    """One reply's starting point. `messages` are those the model may see, oldest first."""

    scene: Scene
    purpose: Purpose
    messages: Sequence[Message]
    options: Resolved
    speaker: StoredCharacter
    persona: StoredPersona | None
    user_name: str
    connection: Connection
    spec: Spec
    kind: Kind
    facts: ModelFacts
    templates: Templates
    books: Sources
    timed: TimedState
    variables: Variables
    matcher: Matcher
    now: datetime
    seed: int
    token_counter: TokenCounter
    typed: str = ""
    pictures: Mapping[int, Image] = field(default_factory=dict)
    """What the model is shown, by the ids of attachments."""

    @property
    def story(self) -> Story:
        return self.scene.story

    @property
    def place(self) -> Place:
        return self.scene.place


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
    size = context_size(reply_input.facts, options[CONTEXT_SIZE])
    reply = min(options[REPLY_LENGTH], max(1, size // 2))
    character = reply_input.speaker.character
    return Context(
        kind=reply_input.kind,
        character=character,
        user_name=reply_input.user_name,
        history=(lines or LineCache()).of(reply_input.messages, reply_input.pictures),
        purpose=reply_input.purpose,
        group=group_of(reply_input),
        persona=persona_note(reply_input.persona),
        note=options_to_prompt.authors_note(options),
        typed=reply_input.typed,
        context_template=reply_input.templates.context,
        instruct=reply_input.templates.instruct,
        system_prompt=reply_input.templates.system,
        chat_preset=reply_input.templates.chat,
        chat_counting=reply_input.token_counter.chat_counting,
        formatting=options_to_prompt.formatting(options),
        lore=Lore(
            sources=reply_input.books,
            settings=options_to_prompt.lore_settings(options),
            timed=reply_input.timed,
            character_file=character.name,
            character_tags=frozenset(character.tags),
        ),
        matcher=reply_input.matcher,
        overrides=options_to_prompt.overrides(options),
        variables=reply_input.variables,
        seeds=Seeds(reply=reply_input.seed, chat=reply_input.story.id),
        clock=clock_of(reply_input),
        sizes=Sizes(context=size, reply=reply, padding=padding_of(reply_input)),
        model=reply_input.facts.model,
        people_named=len(
            {message.author_id for message in reply_input.messages if message.author_id}
        )
        > 1,
    )


def padding_of(reply_input: ReplyInput) -> int:
    """Tokens kept free: the person's wish, or what a server that counts by itself adds."""
    if reply_input.kind is Kind.CHAT:
        return 0
    counter = reply_input.token_counter
    return counter.specials if counter.is_remote else reply_input.options[TOKEN_PADDING]


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
        mode=options_to_prompt.group_mode(reply_input.options),
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
