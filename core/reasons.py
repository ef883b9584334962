"""Why something failed, as codes: an error names one, `bot.wording` has the sentence for it.

Values are stable names for logs. Facts that a sentence needs are given with the error.
"""

from enum import StrEnum, auto


class Reason(StrEnum):
    """One cause each; the class of the error says what failed because of it."""

    # Addresses that people type
    ADDRESS_MALFORMED = auto()
    """Empty, too long, or no address at all."""
    ADDRESS_MISSING = auto()
    """None was given, and there is no usual one."""
    ADDRESS_SCHEME = auto()
    """Something other than http and https."""
    ADDRESS_WITH_SPACES = auto()
    """Spaces, control characters or backslashes."""
    ADDRESS_WITH_LOGIN = auto()
    """`user:password@`."""
    ADDRESS_WITH_QUERY = auto()
    """`?key=…` or `#…`; keys have their own command."""
    ADDRESS_IS_KEY = auto()
    """A key in the place of the address."""
    ADDRESS_AMBIGUOUS = auto()
    """A spelling that two programs could read differently."""
    ADDRESS_NOT_OPEN = auto()
    """A private address that only the operator may use."""
    ADDRESS_REFUSED = auto()
    """Not open or not answering; which of both stays hidden, or ports could be scanned."""
    ADDRESS_NOT_APPROVED = auto()
    """The name now leads to another kind of address than it was approved for."""
    KEY_UNENCRYPTED = auto()
    """A key would travel over plain http to the open internet."""

    # Connecting to a backend, and what it answers
    NO_SUCH_HOST = auto()
    SILENT = auto()
    """Nothing answers at the address."""
    TLS_FAILED = auto()
    ANSWER_TOO_LARGE = auto()
    """An answer, a line or an event without end."""
    WEB_PAGE = auto()
    """A page for people. Detail: its title or first words."""
    REDIRECTED = auto()
    """Redirects are not followed: they could lead anywhere."""
    NOT_JSON = auto()
    GARBLED = auto()
    """Broken HTTP or compression."""
    UNEXPECTED_SHAPE = auto()
    """Something that has to be in an answer of this kind is not."""
    NO_WORDS = auto()
    """A reply without a word."""
    ONLY_THOUGHT = auto()
    """A reply of thoughts only."""
    THOUGHT_TOO_LONG = auto()
    """A reply of thoughts only, because it was too short for both."""
    OTHERS_LINE = auto()
    """A reply that began with another speaker's line, where we cut."""
    STOP_AT_START = auto()
    """A reply that began with one of our stop strings. Facts: stop."""
    KUDOS = auto()
    DAILY_LIMIT = auto()
    MONTHLY_LIMIT = auto()
    FREE_QUOTA = auto()
    ONLY_HIDDEN = auto()
    """Regex scripts took all words out of a reply."""
    MODEL_FAILED = auto()
    MODEL_NOT_LOADED = auto()
    NO_WORKER = auto()
    WORKER_FAILED = auto()
    SERVICE_ACCOUNT_UNREADABLE = auto()
    """A cloud account's key file that cannot be used for signing."""

    # Connections and their options
    KEY_EMPTY = auto()
    NO_SERVICE_ACCOUNT = auto()
    """Some other JSON where a cloud account's key file is wanted."""
    FALLBACK_TO_ITSELF = auto()
    OFFERED_CONNECTION = auto()
    """The operator's own connections are not changed by others."""
    CHAT_COUNTS_ITSELF = auto()
    """Chat completion always counts with the model's own tokenizer."""
    BACKEND_CANNOT_COUNT = auto()

    # Files and texts that people bring
    FILE_UNREADABLE = auto()
    """Detail: the system's words. Facts: path."""
    EMPTY_FILE = auto()
    TOO_LARGE = auto()
    """More bytes than allowed. Facts: largest."""
    PART_TOO_LARGE = auto()
    """As `TOO_LARGE`, for something inside of the file."""
    TOO_MANY_PARTS = auto()
    """Facts: most."""
    TOO_DEEP = auto()
    """Facts: most."""
    CUT_OFF = auto()
    """The end is missing."""
    HEADER_MISSING = auto()
    CHECKSUM = auto()
    """Facts: part."""
    COMPRESSION = auto()
    """Damaged, or of a kind that is not read."""
    ENCRYPTED = auto()
    DIRECTORY_DAMAGED = auto()
    """An archive's list of files makes no sense."""
    PART_MISSING = auto()
    """Facts: part."""
    NOT_BASE64 = auto()
    NOT_UTF8 = auto()
    NOT_TEXT = auto()
    """Bytes whose encoding cannot be told."""
    JSON_FAULT = auto()
    """Facts: line, column."""
    NO_OBJECT = auto()
    """A list, text or number where names with values are wanted."""
    WRONG_KIND = auto()
    """Readable, but something else. Facts: found."""
    UNKNOWN_DOCUMENT = auto()
    """Readable, but nothing that is known."""
    FIELD_WRONG = auto()
    """Facts: field, expected."""
    UNKNOWN_KEY = auto()
    """Facts: field, close."""
    PICTURE_WITHOUT_CARD = auto()
    NO_CARD_FIELDS = auto()
    RISU_PACKED = auto()
    """A module in RisuAI's own packing, which is not read; its JSON export is."""
    NO_PICTURE = auto()
    PICTURE_TOO_WIDE = auto()
    """Facts: width, height, side."""
    PICTURE_DAMAGED = auto()
    NO_ENTRIES = auto()
    NO_PRESET = auto()
    UNDER_AGE = auto()
    """A card for adults whose character is none. Never imported, for nobody."""
    NAME_INVISIBLE = auto()
    NOT_WRITABLE = auto()
    """A file or folder of the operator's. Detail: the system's words. Facts: path."""

    # Templates, patterns and lists that people write
    TOO_LONG_FOR_FORM = auto()
    """Discord's forms end at 4000 characters."""
    NOT_YAML = auto()
    """Facts: line, column."""
    TEMPLATE_TAG = auto()
    """A tag that a story string does not have."""
    TEMPLATE_NO_SUCH_BLOCK = auto()
    """Facts: name."""
    TEMPLATE_ARGUMENTS = auto()
    """Too many or too few words in a tag. Facts: name."""
    TEMPLATE_UNOPENED = auto()
    TEMPLATE_UNCLOSED = auto()
    """Facts: name."""
    TEMPLATE_MISMATCH = auto()
    """Another block is open. Facts: name."""
    TEMPLATE_ELSE = auto()
    """An `{{else}}` too many."""
    PATTERN_FLAGS = auto()
    PATTERN_BRACKET = auto()
    PATTERN_RANGE = auto()
    PATTERN_REPEAT = auto()
    PATTERN_GROUP = auto()
    PATTERN_ESCAPE = auto()
    PATTERN_EMPTY = auto()
    PATTERN_TOO_LARGE = auto()
    """Beyond the limits within which patterns are run."""
    SCRIPT_NAMELESS = auto()
    NO_SCRIPTS = auto()
    """A file without regex scripts."""
    STOP_LIST_START = auto()
    STOP_LIST_SIGN = auto()
    """A sign is missing or stands in the wrong place."""
    STOP_LIST_ITEM = auto()
    """Facts: number, most."""

    # What may be done where
    NO_TALK_IN_CHANNEL = auto()
    """A kind of channel in which nobody talks."""
    NOT_A_CHARACTERS_MESSAGE = auto()
    BUILT_IN_CHARACTER = auto()

    # What fits into a prompt
    MESSAGE_DOES_NOT_FIT = auto()
    """The newest words, with all else that may not be missing. Facts: card, settings, reply,
    context (tokens)."""
    REPLY_DOES_NOT_FIT = auto()
    """As above where nobody has said anything yet."""

    # Tokenizers
    DOWNLOAD_CUT_OFF = auto()
    DOWNLOAD_MISMATCH = auto()
    SILENT_DOWNLOAD = auto()
    """Another file than the one whose hash is known."""

    # Storage and its keys
    DATABASE_UNREACHABLE = auto()
    """Detail: the system's words."""
    DATABASE_CLOSED = auto()
    """Asked for something after the end."""
    DATABASE_IN_MEMORY = auto()
    DATABASE_DRIVER = auto()
    DATABASE_DRIVER_MISSING = auto()
    """The driver is an extra that was not installed."""
    DANGLING_ROWS = auto()
    UNREADABLE_VALUE = auto()
    ONLY_WRITE_AHEAD_LOG = auto()
    """The database's file is gone, its log is still there."""
    VERSION_UNKNOWN = auto()
    """Tables without a note of their version."""
    VERSION_NEWER = auto()
    """Detail: the migration tool's words."""
    KEY_NOT_KEPT = auto()
    """It was kept in the memory of an earlier process."""
    KEY_FOR_ANOTHER = auto()
    """It was entered for another address."""
    NO_MASTER_KEY = auto()
    """Facts: key."""

    # The configuration
    SETTING_UNKNOWN = auto()
    """Facts: key, near."""
    SETTING_MISSING = auto()
    SETTING_INVALID = auto()
    """Facts: expected; the value itself may be a secret."""
    NOT_A_SECTION = auto()
    NO_KEY_LINES = auto()
    NO_METRICS = auto()
    CONNECTIONS_SAME_NAME = auto()
    CONNECTIONS_DEFAULTS = auto()
    CATALOG_ROW = auto()
    """A row of the product's own table of backends. Detail: what is wrong."""
    DISCORD_TOKEN = auto()
    DISCORD_SHARDS = auto()
    DISCORD_VERSION = auto()
    DISCORD_INTENTS = auto()

    # The terminal's own arguments
    TERMINAL_NEEDS_URL = auto()
    TERMINAL_NEEDS_MODEL = auto()
    """Facts: choices."""
    TERMINAL_NAME_VALUE = auto()
    TERMINAL_PORT = auto()
    """In use, not allowed, or no port at all."""
    TERMINAL_MESSAGES = auto()


class Damaged(ValueError):
    """Bytes or a text that cannot be read; whoever wanted them makes an error of it."""

    def __init__(self, reason: Reason, **facts: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.facts = facts
