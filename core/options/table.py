"""Every option, one row each: its key in the store, its default, and where it may be set.

Before the rows: what an option is, and how its value is found along the scopes of a place.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeVar, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.chat.place import Scope
from core.errors import InvalidOption

T = TypeVar("T")

SHARED = frozenset({Scope.THREAD, Scope.CHANNEL, Scope.CATEGORY, Scope.SERVER, Scope.EVERYWHERE})
WITH_CHARACTER = SHARED | {Scope.CHARACTER}
OWN = SHARED | {Scope.PERSON}
LADDER = (
    Scope.PERSON,
    Scope.THREAD,
    Scope.CHANNEL,
    Scope.CATEGORY,
    Scope.CHARACTER,
    Scope.SERVER,
    Scope.EVERYWHERE,
)
"""Narrowest first. A person's own value counts only for options that may be a person's own."""


class OptionType(StrEnum):
    SWITCH = "switch"
    INTEGER = "integer"
    NUMBER = "number"
    LINE = "line"
    TEXT = "text"
    ZONE = "zone"
    LIST = "list"
    TABLE = "table"


_TYPES: Mapping[OptionType, tuple[type, ...]] = {
    OptionType.SWITCH: (bool,),
    OptionType.INTEGER: (int,),
    OptionType.NUMBER: (int, float),
    OptionType.LINE: (str,),
    OptionType.TEXT: (str,),
    OptionType.ZONE: (str,),
    OptionType.LIST: (list, tuple),
    OptionType.TABLE: (dict,),
}
_LONGEST = {OptionType.LINE: 200, OptionType.ZONE: 64, OptionType.TEXT: 16_384}


@dataclass(frozen=True, eq=False)
class Option(Generic[T]):
    """One row of the table. `default` None means: decided elsewhere unless set."""

    key: str
    default: T
    type: OptionType
    scopes: frozenset[Scope] = SHARED
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    owner_only: bool = False
    unlimited: bool = False
    """None is no limit, written `none`; otherwise it means that something else decides."""

    def check(self, value: object) -> T:
        """The value as it is stored. Raises InvalidOption (key, value, expected)."""
        if value is None and self.default is None:
            return cast(T, None)
        if not self._has_type(value) or not self._fits(value):
            raise InvalidOption(key=self.key, value=str(value)[:80], expected=self.expected)
        return cast(T, list(value) if isinstance(value, tuple) else value)

    @property
    def expected(self) -> tuple[str, ...] | tuple[float, float] | OptionType:
        """What it takes: one of some words, a range of numbers, or anything of a type."""
        if self.choices:
            return self.choices
        if self.minimum is None or self.maximum is None:
            return self.type
        return self.minimum, self.maximum

    def _has_type(self, value: object) -> bool:
        if isinstance(value, bool) and self.type is not OptionType.SWITCH:
            return False
        if isinstance(value, list | tuple) and not all(isinstance(item, str) for item in value):
            return False
        return isinstance(value, _TYPES[self.type])

    def _fits(self, value: object) -> bool:
        if isinstance(value, str):
            return self._fits_text(value)
        if isinstance(value, int | float) and self.minimum is not None:
            assert self.maximum is not None
            return math.isfinite(value) and self.minimum <= value <= self.maximum
        return True

    def _fits_text(self, value: str) -> bool:
        if self.type is OptionType.ZONE:
            return _is_zone(value)
        if self.choices:
            return value in self.choices
        lines_allowed = self.type is OptionType.TEXT or "\n" not in value
        return len(value) <= _LONGEST[self.type] and lines_allowed


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return name == ""
    return True


@dataclass(frozen=True, slots=True)
class Stored:
    """A value as it lies in the database."""

    scope: Scope
    scope_id: int
    key: str
    value: Any


@dataclass(frozen=True, slots=True)
class Resolved:
    """The values that hold for one reply. `resolved[OPTION]` is typed as the option is."""

    _rows: Mapping[str, Stored] = field(default_factory=dict)

    def __getitem__(self, option: Option[T]) -> T:
        row = self._rows.get(option.key)
        return option.default if row is None else cast(T, row.value)

    def why(self, option: Option[Any]) -> tuple[Scope, int] | None:
        """The scope that won, and whose; None where the default holds."""
        row = self._rows.get(option.key)
        return None if row is None else (row.scope, row.scope_id)

    def is_nearer(self, option: Option[Any], other: Option[Any]) -> bool:
        """Whether an option is set, and in a narrower scope than the other one."""
        mine, its = self._rows.get(option.key), self._rows.get(other.key)
        if mine is None or its is None:
            return mine is not None
        return LADDER.index(mine.scope) < LADDER.index(its.scope)


def resolve(options: Mapping[str, Option[Any]], stored: Sequence[Stored]) -> Resolved:
    """The narrowest value of each option among the rows in reach of a place.

    Rows of unknown keys and values that no longer fit (older versions wrote them) are passed over.
    """
    rows: dict[str, Stored] = {}
    for row in sorted(stored, key=lambda row: LADDER.index(row.scope)):
        option = options.get(row.key)
        if option is not None and row.key not in rows and _holds(option, row):
            rows[row.key] = row
    return Resolved(rows)


def ladder(option: Option[Any], stored: Sequence[Stored]) -> list[Stored]:
    """The rows of one option, narrowest first: the first holds, the next would without it."""
    rows = [row for row in stored if row.key == option.key and _holds(option, row)]
    return sorted(rows, key=lambda row: LADDER.index(row.scope))


def _holds(option: Option[Any], row: Stored) -> bool:
    """False where the option has no such scope or no longer takes the value."""
    try:
        option.check(row.value)
    except InvalidOption:
        return False
    return row.scope in option.scopes


# When a character answers

# Whether characters answer here: to every message, when mentioned, or not at all
CHAT_MODE = Option("chat.mode", "off", OptionType.LINE, choices=("off", "mention", "every"))
# How long to wait for more messages before answering, in seconds
CHAT_BURST_SECONDS = Option[float](
    "chat.burst_seconds", 1.5, OptionType.NUMBER, minimum=0, maximum=60
)
# Lines that begin with // or stand in ((…)) are not for the model
CHAT_OUT_OF_CHARACTER = Option("chat.out_of_character", True, OptionType.SWITCH)
# A Discord reply carries the beginning of the message it answers into the prompt
CHAT_QUOTE_REPLIES = Option("chat.quote_replies", False, OptionType.SWITCH)
FLOOD_LIMITS = Option(
    "chat.flood_limits",
    True,
    OptionType.SWITCH,
    scopes=frozenset({Scope.SERVER, Scope.EVERYWHERE}),
    owner_only=True,
)

# Which model answers

CONNECTION = Option[str | None]("connection", None, OptionType.LINE, scopes=WITH_CHARACTER)
MODEL = Option[str | None]("model", None, OptionType.LINE, scopes=WITH_CHARACTER)
# Text or chat completion, where the backend has both
KIND = Option[str | None](
    "kind", None, OptionType.LINE, scopes=WITH_CHARACTER, choices=("text", "chat")
)
# Tokens of prompt and reply together; unset: the model's own, at most 16,384
CONTEXT_SIZE = Option[int | None](
    "context_size", None, OptionType.INTEGER, scopes=WITH_CHARACTER, minimum=512, maximum=2_097_152
)
# Context that a preset asks for: used as far as the model is known to have it
CONTEXT_WISH = Option[int | None](
    "context_wish", None, OptionType.INTEGER, scopes=WITH_CHARACTER, minimum=512, maximum=2_097_152
)
REPLY_LENGTH = Option(
    "reply_length", 350, OptionType.INTEGER, scopes=WITH_CHARACTER, minimum=1, maximum=65_536
)
SAMPLERS = Option[dict[str, Any]]("samplers", {}, OptionType.TABLE, scopes=WITH_CHARACTER)
SAMPLER_PRESET = Option[str | None]("sampler_preset", None, OptionType.LINE, scopes=WITH_CHARACTER)
# What becomes of advertising in replies of free services: cut off, or kept without links
ADVERTS = Option("adverts", "strip", OptionType.LINE, choices=("strip", "keep"))
# Whether the model is sent pictures; auto = where it is known to see
PICTURES = Option("pictures", "auto", OptionType.LINE, choices=("auto", "on", "off"))
REASONING_SHOWN = Option("reasoning.shown", False, OptionType.SWITCH)
# How thinking is marked in the model's text
REASONING_PRESET = Option[str | None]("reasoning.preset", None, OptionType.LINE)
# How much the model may think, where it can be told
REASONING_EFFORT = Option[str | None](
    "reasoning.effort",
    None,
    OptionType.LINE,
    scopes=WITH_CHARACTER,
    choices=("none", "minimal", "low", "medium", "high", "max"),
)

# How the prompt is laid out

CONTEXT_TEMPLATE = Option[str | None](
    "template.context", None, OptionType.LINE, scopes=WITH_CHARACTER
)
INSTRUCT_TEMPLATE = Option[str | None](
    "template.instruct", None, OptionType.LINE, scopes=WITH_CHARACTER
)
# Instruct mode; auto: on where a template is chosen or known for the model
INSTRUCT_ENABLED = Option(
    "template.instruct_enabled",
    "auto",
    OptionType.LINE,
    scopes=WITH_CHARACTER,
    choices=("auto", "on", "off"),
)
SYSTEM_PROMPT = Option[str | None]("template.system", None, OptionType.LINE, scopes=WITH_CHARACTER)
# Prompt list (chat kind)
CHAT_PRESET = Option[str | None]("template.chat", None, OptionType.LINE, scopes=WITH_CHARACTER)
# The prompt ends with the character's name (text kind without instruct)
ALWAYS_FORCE_NAME = Option("format.always_force_name", True, OptionType.SWITCH)
# Example dialogues: always, pushed out by the chat as it grows, or never
EXAMPLES = Option(
    "format.examples", "push-out", OptionType.LINE, choices=("always", "push-out", "never")
)
COLLAPSE_NEWLINES = Option("format.collapse_newlines", False, OptionType.SWITCH)
# A reply ends with its first line
SINGLE_LINE = Option("format.single_line", False, OptionType.SWITCH)
# An unfinished last sentence is cut off
TRIM_SENTENCES = Option("format.trim_sentences", False, OptionType.SWITCH)
# A card's own main prompt replaces the system prompt
PREFER_CHARACTER_PROMPT = Option("format.prefer_character_prompt", True, OptionType.SWITCH)
# A card's own post-history instructions replace the preset's
PREFER_CHARACTER_INSTRUCTIONS = Option(
    "format.prefer_character_instructions", True, OptionType.SWITCH
)
# Leftovers of HTML in a reply are shown as what Discord has for them
CONVERT_HTML = Option("format.convert_html", True, OptionType.SWITCH)
REPLY_START = Option("format.reply_start", "", OptionType.TEXT, scopes=WITH_CHARACTER)
# Long replies are asked for in short batches instead of a stream (text kind)
MULTIGEN = Option("multigen.on", False, OptionType.SWITCH, scopes=WITH_CHARACTER)
MULTIGEN_FIRST = Option("multigen.first", 50, OptionType.INTEGER, minimum=1, maximum=4096)
MULTIGEN_NEXT = Option("multigen.next", 30, OptionType.INTEGER, minimum=1, maximum=4096)
# Further stop strings, as a list: ["\n\n", "###"]
CUSTOM_STOP = Option[list[str]]("stop.custom", [], OptionType.LIST)
# Tokenizer for counting (text kind); unset: the best match
TOKENIZER = Option[str | None]("tokenizer", None, OptionType.LINE)
# Tokens kept free where counts are not the server's own
TOKEN_PADDING = Option("token_padding", 64, OptionType.INTEGER, minimum=-32_768, maximum=32_768)
# Whose cards stand in the prompt: the speaker's, everyone's, muted ones too
GROUP_CARDS = Option("group.cards", "swap", OptionType.LINE, choices=("swap", "join", "join-muted"))
GROUP_JOIN_PREFIX = Option("group.join_prefix", "", OptionType.TEXT)
GROUP_JOIN_SUFFIX = Option("group.join_suffix", "", OptionType.TEXT)

# What this chat says differently from the card

# Scenario of this chat instead of the card's
SCENARIO = Option("chat.scenario", "", OptionType.TEXT)
# Example dialogues of this chat instead of the card's
EXAMPLE_DIALOGUES = Option("chat.examples", "", OptionType.TEXT)
# Main prompt of this chat instead of the card's
MAIN_PROMPT = Option("chat.system_prompt", "", OptionType.TEXT)

# The author's note

NOTE_TEXT = Option("note.text", "", OptionType.TEXT)
# Put in at every n-th message of people; 0: never
NOTE_FREQUENCY = Option("note.frequency", 1, OptionType.INTEGER, minimum=0, maximum=1000)
NOTE_POSITION = Option(
    "note.position", "in-chat", OptionType.LINE, choices=("after", "in-chat", "before")
)
# Messages below a note in the chat
NOTE_DEPTH = Option("note.depth", 4, OptionType.INTEGER, minimum=0, maximum=1000)
# Whose line a note in the chat is
NOTE_ROLE = Option("note.role", "system", OptionType.LINE, choices=("system", "user", "assistant"))
NOTE_SCAN = Option("note.scan", False, OptionType.SWITCH)

# World info

# Messages searched for keys
LORE_DEPTH = Option("lore.depth", 2, OptionType.INTEGER, minimum=0, maximum=1000)
# Share of the prompt that lore may take
LORE_BUDGET_PERCENT = Option[float](
    "lore.budget_percent", 25, OptionType.NUMBER, minimum=1, maximum=100
)
# Tokens that lore may take at most
LORE_BUDGET_CAP = Option[int | None](
    "lore.budget_cap", None, OptionType.INTEGER, minimum=0, maximum=2_097_152, unlimited=True
)
# Search further back until this many entries woke
LORE_MIN_ACTIVATIONS = Option("lore.min_activations", 0, OptionType.INTEGER, minimum=0, maximum=100)
# How far back that search goes, in messages
LORE_MIN_ACTIVATIONS_DEPTH = Option[int | None](
    "lore.min_activations_depth",
    None,
    OptionType.INTEGER,
    minimum=0,
    maximum=1000,
    unlimited=True,
)
# Passes through the lorebooks, the first included
LORE_MAX_RECURSION = Option[int | None](
    "lore.max_recursion", None, OptionType.INTEGER, minimum=0, maximum=64, unlimited=True
)
LORE_RECURSIVE = Option("lore.recursive", True, OptionType.SWITCH)
LORE_INCLUDE_NAMES = Option("lore.include_names", True, OptionType.SWITCH)
LORE_CASE_SENSITIVE = Option("lore.case_sensitive", False, OptionType.SWITCH)
LORE_WHOLE_WORDS = Option("lore.whole_words", True, OptionType.SWITCH)
# In a group the entry with most matching keys wins
LORE_GROUP_SCORING = Option("lore.group_scoring", False, OptionType.SWITCH)
# Which lore comes first where the budget is short
LORE_STRATEGY = Option(
    "lore.strategy",
    "character-first",
    OptionType.LINE,
    choices=("evenly", "character-first", "global-first"),
)

# Who speaks

# For adults: as the card's tags say, or as a manager decided
CHARACTER_ADULT = Option(
    "character.adult",
    "auto",
    OptionType.LINE,
    scopes=frozenset({Scope.CHARACTER}),
    choices=("auto", "yes", "no"),
)
# A card's nickname is used for {{char}} and as the speaker's name
CHARACTER_NICKNAME = Option("character.nickname", False, OptionType.SWITCH, scopes=WITH_CHARACTER)

# Words and time

# Language of the bot's own texts; empty: Discord's
LANGUAGE = Option("language", "", OptionType.LINE, scopes=OWN)
TIME_ZONE = Option("time_zone", "UTC", OptionType.ZONE, scopes=OWN)

OPTIONS: Mapping[str, Option[Any]] = {
    row.key: row for row in list(globals().values()) if isinstance(row, Option)
}
