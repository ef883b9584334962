"""Everything one reply depends on, resolved once and frozen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum, StrEnum

from core.backends.types import Image, WireMessage
from core.characters.character import Character
from core.kind import Kind
from core.lorebook import ScanSettings, Sources, TimedState
from core.macros.variables import Variables
from core.patterns.matcher import Matcher
from core.presets.templates import (
    ChatPreset,
    ContextTemplate,
    InstructTemplate,
    PromptRole,
    SystemPrompt,
)
from core.regex_scripts.run import ScriptSet


class Purpose(StrEnum):
    """What the reply is for; also the name lore triggers and `{{lastGenerationType}}` use."""

    NORMAL = "normal"
    CONTINUE = "continue"
    IMPERSONATE = "impersonate"
    SWIPE = "swipe"
    REGENERATE = "regenerate"
    QUIET = "quiet"


class NotePosition(IntEnum):
    """Where a note goes: after the story, into the chat at a depth, before the story."""

    AFTER_STORY = 0
    IN_CHAT = 1
    BEFORE_STORY = 2


class PersonaPosition(IntEnum):
    """Where the persona's description goes."""

    IN_PROMPT = 0
    TOP_OF_NOTE = 2
    BOTTOM_OF_NOTE = 3
    AT_DEPTH = 4
    NOWHERE = 9


class GroupMode(IntEnum):
    """Whose cards a group prompt holds."""

    SWAP = 0
    JOIN = 1
    JOIN_MUTED = 2


class ChatCounting(StrEnum):
    """How the counts of a chat message's fields add up, by family of models."""

    OPENAI = "openai"
    JOINED = "joined"
    CLAUDE = "claude"


@dataclass(frozen=True, slots=True)
class HistoryMessage:
    """One message of the chat, oldest first in `Context.history`.

    `trusted` marks text of a card (greetings), in which macros work although the prompt is
    guarded. `borrowed_name`: sent under another identity than the usual one.
    """

    name: str
    text: str
    is_user: bool = False
    narrator: bool = False
    hidden: bool = False
    borrowed_name: bool = False
    trusted: bool = False
    id: int | None = None
    images: tuple[Image, ...] = ()
    swipe: int | None = None
    """Index of the shown swipe; None where the message has only one."""
    swipes: int | None = None

    @property
    def wire_role(self) -> str:
        return "system" if self.narrator else "user" if self.is_user else "assistant"


@dataclass(frozen=True, slots=True)
class GroupMember:
    character: Character
    muted: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A group chat; the one who answers is `Context.character` and stands among the members."""

    members: tuple[GroupMember, ...]
    name: str = ""
    mode: GroupMode = GroupMode.SWAP
    join_prefix: str = ""
    join_suffix: str = ""

    def names(self, muted: bool = True, without: str | None = None) -> list[str]:
        """Who belongs to it, in order; all but one, and not the muted, where that is asked."""
        shown = (member for member in self.members if muted or not member.muted)
        return [one.character.name for one in shown if one.character.name != without]


@dataclass(frozen=True, slots=True)
class PersonaDescription:
    """Who the person is in the story; the name is `Context.user_name`."""

    description: str = ""
    position: PersonaPosition = PersonaPosition.IN_PROMPT
    depth: int = 2
    role: PromptRole = PromptRole.SYSTEM


@dataclass(frozen=True, slots=True)
class AuthorsNote:
    """The chat's own note. `frequency` counts user messages; 0 = off."""

    text: str = ""
    frequency: int = 1
    position: NotePosition = NotePosition.IN_CHAT
    depth: int = 4
    role: PromptRole = PromptRole.SYSTEM
    scanned: bool = False
    """Whether lore keys are looked for in it (and in the card's depth prompt)."""


@dataclass(frozen=True, slots=True)
class Formatting:
    """Switches outside of the templates."""

    always_force_name: bool = True
    collapse_newlines: bool = False
    pin_examples: bool = False
    strip_examples: bool = False
    single_line: bool = False
    trim_sentences: bool = False
    prefer_character_prompt: bool = True
    prefer_character_instructions: bool = True
    reply_start: str = ""
    """Text the reply is made to begin with; macros allowed."""
    prefill: str = ""
    """Words that the model goes on from and nobody sees (chat kind); macros allowed."""
    custom_stop: tuple[str, ...] = ()
    custom_stop_macros: bool = True


@dataclass(frozen=True, slots=True)
class Lore:
    """Lorebooks in reach, how they are scanned, and what runs of earlier scans."""

    sources: Sources = field(default_factory=Sources)
    settings: ScanSettings = field(default_factory=ScanSettings)
    timed: TimedState = field(default_factory=TimedState)
    character_file: str = ""
    """The speaker's file name without extension, for character filters; empty = the name."""
    character_tags: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Overrides:
    """What this chat replaces in the card; empty = as the card says."""

    scenario: str = ""
    examples: str = ""
    system_prompt: str = ""


@dataclass(frozen=True, slots=True)
class Seeds:
    """Seeds: `reply` for random and roll, `chat` (+ `reroll`) for pick."""

    reply: int = 0
    chat: int = 0
    reroll: str = ""


@dataclass(frozen=True, slots=True)
class Clock:
    """The time of the reply, in the zone that `{{time}}` shows."""

    now: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    last_user_message: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sizes:
    """Tokens. `padding` is kept free in text kind; negative allows more than the set size."""

    context: int = 8192
    reply: int = 350
    padding: int = 0


LONGEST_MESSAGE = 32_000
"""Characters of one message that go into a prompt, however much room there is."""


class GivesWay(StrEnum):
    """What a living prompt leaves out where room is short, in this order.

    Older history goes before all but the first, and a message that is too long for itself is
    shortened.
    """

    EXAMPLES = "examples"
    LORE = "lore"
    SCENARIO = "scenario"
    PERSONALITY = "personality"
    PERSONA = "persona"
    NOTE = "note"
    DESCRIPTION = "description"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Room:
    """The law of living prompts, and what has given way to it so far.

    With it the newest words of a person, the newest message of all, and everything nobody may leave
    out are in the prompt whether they fit or not; whoever asks for the prompt counts it.
    """

    spare: int = 0
    """Tokens of the budget that history and examples leave free."""
    gone: frozenset[GivesWay] = frozenset()
    lore: int | None = None
    """How many of the woken entries stay, those of the highest order; None: all."""
    description: int | None = None
    """Characters of the description that stay; None: all."""
    message: int = LONGEST_MESSAGE
    """Characters of one message that stay."""


AsTaken = Callable[[Sequence[WireMessage], bool, str], Sequence[WireMessage]]
"""From the messages, whether the last one is to be continued, and what of it begins the reply."""


@dataclass(frozen=True, slots=True)
class Context:
    """The frozen input of one reply."""

    kind: Kind
    character: Character
    user_name: str
    history: Sequence[HistoryMessage] = ()
    purpose: Purpose = Purpose.NORMAL
    group: Group | None = None
    persona: PersonaDescription = PersonaDescription()
    note: AuthorsNote = AuthorsNote()
    typed: str = ""
    """Text sent with the command itself; becomes the last user message."""
    quiet_prompt: str = ""
    context_template: ContextTemplate = field(default_factory=ContextTemplate)
    instruct: InstructTemplate | None = None
    """None: instruct mode is off."""
    system_prompt: SystemPrompt = field(default_factory=SystemPrompt)
    chat_preset: ChatPreset = field(default_factory=ChatPreset)
    chat_counting: ChatCounting = ChatCounting.OPENAI
    formatting: Formatting = Formatting()
    lore: Lore = field(default_factory=Lore)
    matcher: Matcher | None = None
    """Runs regex keys; None: they match nothing."""
    scripts: ScriptSet | None = None
    """Regex scripts; those for prompts run on what is sent."""
    overrides: Overrides = Overrides()
    variables: Variables = field(default_factory=Variables)
    seeds: Seeds = Seeds()
    clock: Clock = Clock()
    sizes: Sizes = Sizes()
    model: str = ""
    people_named: bool = False
    """Several people stand in the window: every message of a person carries its name."""
    first_included: int | None = None
    """Index of the oldest message in the last prompt of this chat; None = none was built yet."""
    outlets: Mapping[str, str] = field(default_factory=dict)
    """What outlets held in the last prompt of this chat; lore of this one replaces it."""
    first_build: bool = False
    """Nothing was built since the chat was opened: a persona at depth is not yet scanned."""
    as_taken: AsTaken | None = None
    """How the server takes the messages of a chat prompt, which are counted in that form."""
    room: Room | None = None
    """None: what does not fit is left out as SillyTavern does it, the newest words included."""
    guarded: bool = True
    """Text of people and models is not expanded and cannot open a turn. False: exact."""

    @property
    def budget(self) -> int:
        return self.sizes.context - self.sizes.reply

    def has_lost(self, part: GivesWay) -> bool:
        """Whether a part of the prompt has given way for good."""
        return self.room is not None and part in self.room.gone
