"""A sentence for every reason, in English, to be translated.

Several for one reason: the first whose facts are all known is taken; the last needs none.
"""

from collections.abc import Mapping

from bot.i18n import N_
from core.reasons import Reason

REASONS: Mapping[Reason, str | tuple[str, ...]] = {
    # Addresses
    Reason.ADDRESS_MALFORMED: N_("Type it like `http://127.0.0.1:5001`."),
    Reason.ADDRESS_MISSING: N_("Its address is missing."),
    Reason.ADDRESS_SCHEME: N_("It has to begin with `http://` or `https://`."),
    Reason.ADDRESS_WITH_SPACES: N_("Remove spaces and backslashes from it."),
    Reason.ADDRESS_WITH_LOGIN: N_("Leave out the user name and password."),
    Reason.ADDRESS_WITH_QUERY: N_(
        "Leave out everything after `?` or `#`; a key goes into `/connect key`."
    ),
    Reason.ADDRESS_IS_KEY: N_("It looks like a key; keys go into `/connect key`."),
    Reason.ADDRESS_AMBIGUOUS: N_(
        "It is spelled in an unusual way; write it plainly, like `http://127.0.0.1:5001`."
    ),
    Reason.ADDRESS_NOT_OPEN: N_("Only the owner of this bot may connect to that address."),
    Reason.ADDRESS_REFUSED: N_(
        "That address doesn't answer, or only the owner of this bot may connect to it."
    ),
    Reason.ADDRESS_NOT_APPROVED: N_("The bot may not connect to that kind of address."),
    Reason.KEY_UNENCRYPTED: N_(
        "That address isn't encrypted, so others could read the key on its way. Use one with "
        "`https://`."
    ),
    # Connecting to a backend, and what it answers
    Reason.NO_SUCH_HOST: N_("There is no such host; check the address for typos."),
    Reason.SILENT: N_("Nothing answers at its address; check that it is running."),
    Reason.TLS_FAILED: N_(
        "The secure connection failed; check whether the address needs `http://` instead."
    ),
    Reason.ANSWER_TOO_LARGE: N_("The answer doesn't end."),
    Reason.WEB_PAGE: (N_("It is a web page: “{detail}”."), N_("It is a web page.")),
    Reason.REDIRECTED: N_("It points to another address; use that one instead."),
    Reason.NOT_JSON: N_("It isn't JSON."),
    Reason.GARBLED: N_("The answer is garbled."),
    Reason.UNEXPECTED_SHAPE: N_("Something is missing in it."),
    Reason.NO_WORDS: N_("The model answered nothing."),
    Reason.ONLY_THOUGHT: N_("The model only thought and said nothing."),
    Reason.THOUGHT_TOO_LONG: N_(
        "The model only thought and said nothing: the reply was too short for both. Allow longer "
        "replies."
    ),
    Reason.OTHERS_LINE: N_("The reply began with another speaker's line, so it was cut away."),
    Reason.STOP_AT_START: (
        N_("The reply began with the stop string “{stop}”, so it was cut away."),
        N_("The reply began with a stop string, so it was cut away."),
    ),
    Reason.KUDOS: (
        N_("{where} asks for more kudos than this key has."),
        N_("This asks for more kudos than the key has."),
    ),
    Reason.DAILY_LIMIT: (
        N_("The daily limit at {where} is used up."),
        N_("The daily limit is used up."),
    ),
    Reason.MONTHLY_LIMIT: (
        N_("The monthly limit at {where} is used up."),
        N_("The monthly limit is used up."),
    ),
    Reason.FREE_QUOTA: (
        N_("The free quota at {where} is used up."),
        N_("The free quota is used up."),
    ),
    Reason.ONLY_HIDDEN: N_(
        "Regex scripts took everything out of the reply. `/format regex list` shows them."
    ),
    Reason.MODEL_FAILED: N_("The model failed."),
    Reason.MODEL_NOT_LOADED: N_("The model couldn't be loaded."),
    Reason.NO_WORKER: N_("No worker can do this right now."),
    Reason.WORKER_FAILED: N_("The worker failed."),
    Reason.SERVICE_ACCOUNT_UNREADABLE: N_("The service account in it can't be read."),
    # Connections and their options
    Reason.KEY_EMPTY: N_("The key is empty."),
    Reason.NO_SERVICE_ACCOUNT: N_("Paste the whole JSON file of a service account."),
    Reason.FALLBACK_TO_ITSELF: N_("Choose another connection to step in."),
    Reason.OFFERED_CONNECTION: N_(
        "That connection belongs to this bot and can't be changed. Save one of your own with "
        "`/connect use`."
    ),
    Reason.CHAT_COUNTS_ITSELF: N_("Chat completion always counts with the model's own tokenizer."),
    Reason.BACKEND_CANNOT_COUNT: N_(
        "This backend doesn't count tokens for others; choose a tokenizer."
    ),
    # Files and texts
    Reason.FILE_UNREADABLE: (N_("The file {path} can't be read."), N_("The file can't be read.")),
    Reason.EMPTY_FILE: N_("The file is empty."),
    Reason.TOO_LARGE: (N_("It is larger than the limit of {largest}."), N_("It is too large.")),
    Reason.PART_TOO_LARGE: (
        N_("Something in it is larger than {largest}."),
        N_("Something in it is too large."),
    ),
    Reason.TOO_MANY_PARTS: (
        N_("There are more than {most} things in it."),
        N_("There are too many things in it."),
    ),
    Reason.TOO_DEEP: (
        N_("It is nested more than {most} levels deep."),
        N_("It is nested too deeply."),
    ),
    Reason.CUT_OFF: N_("The file is cut off; download it again."),
    Reason.HEADER_MISSING: N_("The file is damaged: its beginning is missing."),
    Reason.CHECKSUM: (
        N_("The file is damaged at “{part}”; download it again."),
        N_("The file is damaged; download it again."),
    ),
    Reason.COMPRESSION: N_("It is compressed in a way that can't be read."),
    Reason.ENCRYPTED: N_("It is encrypted."),
    Reason.DIRECTORY_DAMAGED: N_("The archive is damaged; download it again."),
    Reason.PART_MISSING: (N_("There is no “{part}” in it."), N_("Something is missing in it.")),
    Reason.NOT_BASE64: N_("The card in the picture is damaged: it isn't base64."),
    Reason.NOT_UTF8: N_("It isn't UTF-8 text."),
    Reason.NOT_TEXT: N_(
        "Its text can't be read: it is in an unknown encoding. Save it as UTF-8 and try again."
    ),
    Reason.JSON_FAULT: (
        N_("Its JSON is damaged in line {line}, column {column}."),
        N_("Its JSON is damaged."),
    ),
    Reason.NO_OBJECT: N_("It has to consist of names and values."),
    Reason.WRONG_KIND: (N_("It is {found}."), N_("It is a file of another kind.")),
    Reason.UNKNOWN_DOCUMENT: N_("It is none of the files this bot knows."),
    Reason.FIELD_WRONG: (
        N_("“{field}” takes {expected}."),
        N_("“{field}” holds something that doesn't fit."),
        N_("Something in it doesn't fit."),
    ),
    Reason.UNKNOWN_KEY: (
        N_("There is no key “{field}”; perhaps “{close}” is meant."),
        N_("There is no key “{field}”."),
        N_("One of its keys doesn't exist."),
    ),
    Reason.PICTURE_WITHOUT_CARD: N_(
        "It is a picture without a character card. Get the original file; many sites strip the "
        "card from pictures."
    ),
    Reason.RISU_PACKED: N_(
        "It is a packed RisuAI module (.risum). Export its lorebook as JSON in RisuAI instead."
    ),
    Reason.NO_CARD_FIELDS: N_("It has neither a name nor a description."),
    Reason.NO_PICTURE: N_("A PNG, JPEG, WebP or GIF picture is needed."),
    Reason.PICTURE_TOO_WIDE: (
        N_("The picture has {width} × {height} pixels; {side} × {side} are allowed."),
        N_("The picture has too many pixels."),
    ),
    Reason.PICTURE_DAMAGED: N_("The picture is damaged."),
    Reason.NO_ENTRIES: N_("There are no entries in it."),
    Reason.NO_PRESET: N_("There is no preset in it."),
    Reason.UNDER_AGE: N_(
        "That card is marked for adults, and its character is under age. It can't be used."
    ),
    Reason.NAME_INVISIBLE: N_("It needs a letter that can be seen."),
    Reason.NOT_WRITABLE: (
        N_("Nothing can be written to {path}: “{detail}”."),
        N_("Nothing can be written to {path}."),
        N_("Nothing can be written there."),
    ),
    # Templates, patterns and lists
    Reason.TOO_LONG_FOR_FORM: N_(
        "It is too long for a form. Export it, change the file and import it again."
    ),
    Reason.NOT_YAML: N_("It isn't valid YAML."),
    Reason.TEMPLATE_TAG: N_("This tag can't be used here."),
    Reason.TEMPLATE_NO_SUCH_BLOCK: (
        N_("There is no block `{name}`."),
        N_("There is no such block."),
    ),
    Reason.TEMPLATE_ARGUMENTS: (
        N_("`{name}` has too many or too few words."),
        N_("A tag has too many or too few words."),
    ),
    Reason.TEMPLATE_UNOPENED: N_("This tag closes nothing."),
    Reason.TEMPLATE_UNCLOSED: (
        N_("The block `{name}` is never closed."),
        N_("A block is never closed."),
    ),
    Reason.TEMPLATE_MISMATCH: (
        N_("Close the block `{name}` first."),
        N_("Close the inner block first."),
    ),
    Reason.TEMPLATE_ELSE: N_("There is one `else` too many."),
    Reason.PATTERN_FLAGS: N_("It has an unknown flag, or one twice."),
    Reason.PATTERN_BRACKET: N_("A bracket is missing or stands alone."),
    Reason.PATTERN_RANGE: N_("A range is the wrong way round."),
    Reason.PATTERN_REPEAT: N_("There's nothing to repeat."),
    Reason.PATTERN_GROUP: N_("It names a group that doesn't exist, or one twice."),
    Reason.PATTERN_ESCAPE: N_("What follows a backslash is unknown."),
    Reason.PATTERN_EMPTY: N_("There's nothing in it to look for."),
    Reason.PATTERN_TOO_LARGE: N_("It's too long, or its groups are nested too deep."),
    Reason.SCRIPT_NAMELESS: N_("The script needs a name."),
    Reason.NO_SCRIPTS: N_("There is no regex script in it."),
    Reason.STOP_LIST_START: N_("It has to begin with `[`."),
    Reason.STOP_LIST_SIGN: N_("A quotation mark or comma is missing."),
    Reason.STOP_LIST_ITEM: (
        N_("Item {number} has to be a text of 1 to {most} characters."),
        N_("An item has to be a text that is neither empty nor too long."),
    ),
    # What may be done where
    Reason.NO_TALK_IN_CHANNEL: N_("Characters can't talk in this kind of channel."),
    Reason.NOT_A_CHARACTERS_MESSAGE: N_("That isn't a message of a character."),
    Reason.BUILT_IN_CHARACTER: N_("The characters that come with the bot can't be changed."),
    # What fits into a prompt
    Reason.MESSAGE_DOES_NOT_FIT: (
        N_(
            "Your message does not fit: card {card}, settings {settings}, reply {reply} of "
            "{context} tokens."
        ),
        N_("Your message does not fit."),
    ),
    Reason.REPLY_DOES_NOT_FIT: (
        N_(
            "The reply does not fit: card {card}, settings {settings}, reply {reply} of "
            "{context} tokens."
        ),
        N_("The reply does not fit."),
    ),
    # Tokenizers
    Reason.DOWNLOAD_CUT_OFF: N_("The download was cut off."),
    Reason.DOWNLOAD_MISMATCH: N_("The file isn't the expected one."),
    Reason.SILENT_DOWNLOAD: N_("The server it comes from is silent."),
    # Storage and its keys
    Reason.DATABASE_UNREACHABLE: N_("The database can't be reached."),
    Reason.DATABASE_CLOSED: N_("The bot is shutting down."),
    Reason.DATABASE_IN_MEMORY: N_(
        "It has to name a file: `sqlite+aiosqlite:///path/to/tavern.db`."
    ),
    Reason.DATABASE_DRIVER: N_(
        "It has to begin with `sqlite+aiosqlite://` or `postgresql+asyncpg://`."
    ),
    Reason.DANGLING_ROWS: N_("Some rows refer to others that are gone."),
    Reason.UNREADABLE_VALUE: N_("It holds something that can't be read."),
    Reason.ONLY_WRITE_AHEAD_LOG: N_("Its file is gone, only the write-ahead log is left."),
    Reason.VERSION_UNKNOWN: N_("It doesn't say which version it has."),
    Reason.VERSION_NEWER: N_("It comes from a newer version of the bot; run that one."),
    Reason.KEY_NOT_KEPT: N_(
        "The key was kept in memory only and is gone. Enter it again with `/connect key`."
    ),
    Reason.KEY_FOR_ANOTHER: N_(
        "The key was entered for another address. Enter it again with `/connect key`."
    ),
    Reason.NO_MASTER_KEY: N_(
        "There is no master key in it: 32 bytes as URL-safe base64 are needed."
    ),
    Reason.DATABASE_DRIVER_MISSING: N_(
        'Its driver is not installed: `pip install "tavernkeeper[postgres]"`.'
    ),
    # The configuration
    Reason.SETTING_UNKNOWN: (
        N_("There is no such key; did you mean `{near}`?"),
        N_("There is no such key."),
    ),
    Reason.SETTING_MISSING: N_("It is missing."),
    Reason.SETTING_INVALID: (N_("It takes {expected}."), N_("The value doesn't fit.")),
    Reason.NOT_A_SECTION: N_("It must be a section with keys of its own."),
    Reason.NO_KEY_LINES: N_("The file must hold `key: value` lines."),
    Reason.NO_METRICS: N_("This version of the bot serves no metrics; leave it empty."),
    Reason.CONNECTIONS_SAME_NAME: N_("Two connections have the same name."),
    Reason.CONNECTIONS_DEFAULTS: N_(
        "Only one connection can be the default, there is more than one."
    ),
    Reason.CATALOG_ROW: (
        N_("The row of this backend is wrong: “{detail}”."),
        N_("The row of this backend is wrong."),
    ),
    Reason.DISCORD_TOKEN: N_(
        "Discord doesn't accept the token; copy it again from the developer portal."
    ),
    Reason.DISCORD_SHARDS: N_(
        "Discord doesn't accept this number of shards: set `discord.shards` to auto."
    ),
    Reason.DISCORD_VERSION: N_(
        "Discord no longer speaks this version of its gateway; update the bot."
    ),
    Reason.DISCORD_INTENTS: N_(
        "Discord refuses an intent the bot needs; turn it on in the developer portal."
    ),
    # The terminal's own arguments
    Reason.TERMINAL_NEEDS_URL: (
        N_("{where} needs an address: add `--url`."),
        N_("An address is needed: add `--url`."),
    ),
    Reason.TERMINAL_NEEDS_MODEL: (
        N_("Choose a model with `--model`: {choices}."),
        N_("Choose a model with `--model`."),
    ),
    Reason.TERMINAL_NAME_VALUE: N_("Write it as name=value."),
    Reason.TERMINAL_PORT: N_("It has to be a free port from 1 to 65535."),
    Reason.TERMINAL_MESSAGES: N_("It has to be a JSON list of messages with role and content."),
}
