"""Every option that people change in Discord, one row each.

Commands, autocomplete, `why` and the documentation read this table; to add an option, add a row.
"""

from collections.abc import Mapping
from typing import Any

from core.chat.place import Scope
from core.options.option import OWN, WITH_CHARACTER, Form, Option

# When a character answers

CHAT_MODE = Option(
    "chat.mode",
    "off",
    "Whether characters answer here: to every message, when mentioned, or not at all",
    Form.LINE,
    choices=("off", "mention", "every"),
)
CHAT_BURST_SECONDS = Option[float](
    "chat.burst_seconds",
    1.5,
    "How long to wait for more messages before answering, in seconds",
    Form.NUMBER,
    minimum=0,
    maximum=60,
)
CHAT_OUT_OF_CHARACTER = Option(
    "chat.out_of_character",
    True,
    "Lines that begin with // or stand in ((…)) are not for the model",
    Form.SWITCH,
)
CHAT_QUOTE_REPLIES = Option(
    "chat.quote_replies",
    False,
    "A Discord reply carries the beginning of the message it answers into the prompt",
    Form.SWITCH,
)
FLOOD_LIMITS = Option(
    "chat.flood_limits",
    True,
    "Whether turns per person and server are limited",
    Form.SWITCH,
    scopes=frozenset({Scope.SERVER, Scope.EVERYWHERE}),
    owner_only=True,
)

# Which model answers

CONNECTION = Option[str | None](
    "connection",
    None,
    "The connection that answers",
    Form.LINE,
    scopes=WITH_CHARACTER,
    hidden=True,
)
MODEL = Option[str | None](
    "model", None, "Another model than the connection's", Form.LINE, scopes=WITH_CHARACTER
)
KIND = Option[str | None](
    "kind",
    None,
    "Text or chat completion, where the backend has both",
    Form.LINE,
    scopes=WITH_CHARACTER,
    choices=("text", "chat"),
)
CONTEXT_SIZE = Option[int | None](
    "context_size",
    None,
    "Tokens of prompt and reply together; unset: the model's own, at most 16,384",
    Form.INTEGER,
    scopes=WITH_CHARACTER,
    minimum=512,
    maximum=2_097_152,
)
REPLY_LENGTH = Option(
    "reply_length",
    350,
    "Tokens a reply may have",
    Form.INTEGER,
    scopes=WITH_CHARACTER,
    minimum=1,
    maximum=65_536,
)
SAMPLERS = Option[dict[str, Any]](
    "samplers",
    {},
    "Sampler values by name",
    Form.TABLE,
    scopes=WITH_CHARACTER,
    hidden=True,
)
SAMPLER_PRESET = Option[str | None](
    "sampler_preset", None, "Preset of sampler values", Form.LINE, scopes=WITH_CHARACTER
)
ADVERTS = Option(
    "adverts",
    "strip",
    "What becomes of advertising in replies of free services: cut off, or kept without links",
    Form.LINE,
    choices=("strip", "keep"),
)
REASONING_SHOWN = Option(
    "reasoning.shown", False, "Show what the model thought under its reply", Form.SWITCH
)
REASONING_PRESET = Option[str | None](
    "reasoning.preset", None, "How thinking is marked in the model's text", Form.LINE
)
REASONING_EFFORT = Option[str | None](
    "reasoning.effort",
    None,
    "How much the model may think, where it can be told",
    Form.LINE,
    scopes=WITH_CHARACTER,
    choices=("none", "minimal", "low", "medium", "high", "max"),
)

# How the prompt is laid out

CONTEXT_TEMPLATE = Option[str | None](
    "template.context", None, "Context template (text kind)", Form.LINE, scopes=WITH_CHARACTER
)
INSTRUCT_TEMPLATE = Option[str | None](
    "template.instruct", None, "Instruct template (text kind)", Form.LINE, scopes=WITH_CHARACTER
)
INSTRUCT_ENABLED = Option(
    "template.instruct_enabled",
    "auto",
    "Instruct mode; auto: on where a template is chosen or known for the model",
    Form.LINE,
    scopes=WITH_CHARACTER,
    choices=("auto", "on", "off"),
)
SYSTEM_PROMPT = Option[str | None](
    "template.system", None, "System prompt (text kind)", Form.LINE, scopes=WITH_CHARACTER
)
CHAT_PRESET = Option[str | None](
    "template.chat", None, "Prompt list (chat kind)", Form.LINE, scopes=WITH_CHARACTER
)
ALWAYS_FORCE_NAME = Option(
    "format.always_force_name",
    True,
    "The prompt ends with the character's name (text kind without instruct)",
    Form.SWITCH,
)
NAMES_BEHAVIOR = Option[str | None](
    "format.names",
    None,
    "Names in instruct turns; unset: as the template says",
    Form.LINE,
    choices=("none", "force", "always"),
)
CHAT_NAMES = Option[str | None](
    "format.chat_names",
    None,
    "Names in chat messages; unset: as the prompt list says",
    Form.LINE,
    choices=("none", "default", "completion", "content"),
)
EXAMPLES = Option(
    "format.examples",
    "push-out",
    "Example dialogues: always, pushed out by the chat as it grows, or never",
    Form.LINE,
    choices=("always", "push-out", "never"),
)
COLLAPSE_NEWLINES = Option(
    "format.collapse_newlines", False, "Runs of line breaks become one", Form.SWITCH
)
SINGLE_LINE = Option("format.single_line", False, "A reply ends with its first line", Form.SWITCH)
TRIM_SENTENCES = Option(
    "format.trim_sentences", False, "An unfinished last sentence is cut off", Form.SWITCH
)
PREFER_CHARACTER_PROMPT = Option(
    "format.prefer_character_prompt",
    True,
    "A card's own main prompt replaces the system prompt",
    Form.SWITCH,
)
PREFER_CHARACTER_INSTRUCTIONS = Option(
    "format.prefer_character_instructions",
    True,
    "A card's own post-history instructions replace the preset's",
    Form.SWITCH,
)
REPLY_START = Option(
    "format.reply_start", "", "Text that every reply begins with", Form.TEXT, scopes=WITH_CHARACTER
)
MULTIGEN = Option(
    "multigen.on",
    False,
    "Long replies are asked for in short batches instead of a stream (text kind)",
    Form.SWITCH,
    scopes=WITH_CHARACTER,
)
MULTIGEN_FIRST = Option(
    "multigen.first", 50, "Tokens of the first batch", Form.INTEGER, minimum=1, maximum=4096
)
MULTIGEN_NEXT = Option(
    "multigen.next", 30, "Tokens of each further batch", Form.INTEGER, minimum=1, maximum=4096
)
CUSTOM_STOP = Option[list[str]](
    "stop.custom", [], 'Further stop strings, as a list: ["\\n\\n", "###"]', Form.LIST
)
CUSTOM_STOP_MACROS = Option("stop.macros", True, "Macros work in further stop strings", Form.SWITCH)
TOKENIZER = Option[str | None](
    "tokenizer", None, "Tokenizer for counting (text kind); unset: the best match", Form.LINE
)
TOKEN_PADDING = Option(
    "token_padding",
    64,
    "Tokens kept free where counts are not the server's own",
    Form.INTEGER,
    minimum=-32_768,
    maximum=32_768,
)
GROUP_CARDS = Option(
    "group.cards",
    "swap",
    "Whose cards stand in the prompt: the speaker's, everyone's, muted ones too",
    Form.LINE,
    choices=("swap", "join", "join-muted"),
)
GROUP_JOIN_PREFIX = Option("group.join_prefix", "", "Text before each joined field", Form.TEXT)
GROUP_JOIN_SUFFIX = Option("group.join_suffix", "", "Text after each joined field", Form.TEXT)

# What this chat says differently from the card

SCENARIO = Option("chat.scenario", "", "Scenario of this chat instead of the card's", Form.TEXT)
EXAMPLE_DIALOGUES = Option(
    "chat.examples", "", "Example dialogues of this chat instead of the card's", Form.TEXT
)
MAIN_PROMPT = Option(
    "chat.system_prompt", "", "Main prompt of this chat instead of the card's", Form.TEXT
)

# The author's note

NOTE_TEXT = Option("note.text", "", "The author's note", Form.TEXT)
NOTE_FREQUENCY = Option(
    "note.frequency",
    1,
    "Put in at every n-th message of people; 0: never",
    Form.INTEGER,
    minimum=0,
    maximum=1000,
)
NOTE_POSITION = Option(
    "note.position",
    "in-chat",
    "Where the note stands",
    Form.LINE,
    choices=("after", "in-chat", "before"),
)
NOTE_DEPTH = Option(
    "note.depth", 4, "Messages below a note in the chat", Form.INTEGER, minimum=0, maximum=1000
)
NOTE_ROLE = Option(
    "note.role",
    "system",
    "Whose line a note in the chat is",
    Form.LINE,
    choices=("system", "user", "assistant"),
)
NOTE_SCAN = Option("note.scan", False, "The note can wake lore", Form.SWITCH)

# World info

LORE_DEPTH = Option(
    "lore.depth", 2, "Messages searched for keys", Form.INTEGER, minimum=0, maximum=1000
)
LORE_BUDGET_PERCENT = Option[float](
    "lore.budget_percent",
    25,
    "Share of the prompt that lore may take",
    Form.NUMBER,
    minimum=1,
    maximum=100,
)
LORE_BUDGET_CAP = Option(
    "lore.budget_cap",
    0,
    "Tokens that lore may take at most; 0: no cap",
    Form.INTEGER,
    minimum=0,
    maximum=2_097_152,
)
LORE_MIN_ACTIVATIONS = Option(
    "lore.min_activations",
    0,
    "Search further back until this many entries woke",
    Form.INTEGER,
    minimum=0,
    maximum=100,
)
LORE_MIN_ACTIVATIONS_DEPTH = Option(
    "lore.min_activations_depth",
    0,
    "How far back that search goes; 0: through the whole chat",
    Form.INTEGER,
    minimum=0,
    maximum=1000,
)
LORE_MAX_RECURSION = Option(
    "lore.max_recursion",
    0,
    "Passes in which lore wakes lore; 0: as many as it takes",
    Form.INTEGER,
    minimum=0,
    maximum=64,
)
LORE_RECURSIVE = Option("lore.recursive", True, "Lore can wake lore", Form.SWITCH)
LORE_INCLUDE_NAMES = Option(
    "lore.include_names", True, "Speakers' names are searched too", Form.SWITCH
)
LORE_CASE_SENSITIVE = Option("lore.case_sensitive", False, "Capitals matter in keys", Form.SWITCH)
LORE_WHOLE_WORDS = Option("lore.whole_words", True, "Keys match whole words only", Form.SWITCH)
LORE_GROUP_SCORING = Option(
    "lore.group_scoring", False, "In a group the entry with most matching keys wins", Form.SWITCH
)
LORE_STRATEGY = Option(
    "lore.strategy",
    "character-first",
    "Which lore comes first where the budget is short",
    Form.LINE,
    choices=("evenly", "character-first", "global-first"),
)

# Words and time

LANGUAGE = Option(
    "language", "", "Language of the bot's own texts; empty: Discord's", Form.LINE, scopes=OWN
)
TIME_ZONE = Option(
    "time_zone", "UTC", "Time zone of {{time}} and dates, e.g. Europe/Berlin", Form.ZONE, scopes=OWN
)

OPTIONS: Mapping[str, Option[Any]] = {
    row.key: row for row in list(globals().values()) if isinstance(row, Option)
}
"""The table by key."""
