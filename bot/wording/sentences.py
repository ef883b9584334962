"""What failed and what to do next for every error, in English, to be translated.

Several sentences for one class: the first whose facts are all known is taken. `{why}` is the
sentence of the error's reason; a class that has a place for it has a sentence that needs nothing
else, and where a class has none, the reason's sentence stands alone.
"""

from collections.abc import Mapping
from enum import StrEnum

from bot.i18n import N_
from core import errors as e
from core.backends.types import Unsupported
from core.characters.kinds import FileContent, FileKind

SENTENCES: Mapping[type[e.TavernError], tuple[str, ...]] = {
    e.TavernError: (N_("That didn't work."),),
    e.UserError: (N_("That can't be done."),),
    e.NotConfigured: (
        N_("There is no {what} here yet. Begin with `/{command}`."),
        N_("There is no {what} here yet."),
        N_("Something has to be set up first: `/connect use` chooses a model."),
    ),
    e.NotFound: (
        N_("“{retired}” is retired and can no longer be used. The nearest one alive is `{near}`."),
        N_("There is no {what} called “{name}”. Did you mean `{near}`?"),
        N_("There is no {what} called “{name}” here. {next}"),
        N_("There is no {what} here for that."),
        N_("There is no such thing here."),
    ),
    e.AlreadyExists: (
        N_("There is a {what} called “{name}” already. Choose another name."),
        N_("That name is taken. Choose another one."),
    ),
    e.LimitReached: (
        N_("The limit of {limit} {what} is reached. Try again in {time}."),
        N_("That was a lot at once. Try again in {time}."),
        N_("The limit of {limit} {what} is reached. Delete some first."),
        N_("A limit is reached."),
    ),
    e.NotAllowed: (
        N_("Only {needs} may do that here."),
        N_("You may not do that here."),
    ),
    e.Busy: (N_("A reply is already on its way here. Wait for it or press Stop."),),
    e.InvalidCard: (
        N_("“{file}” can't be imported. {why} {next}"),
        N_("That can't be imported. {why} {next}"),
        N_("That is no character card. A PNG or JSON card is needed."),
    ),
    e.InvalidLorebook: (
        N_("“{file}” can't be read as a lorebook. {why} {next}"),
        N_("That can't be read as a lorebook. {why} {next}"),
        N_("That is no lorebook. A World Info JSON is needed."),
    ),
    e.InvalidPreset: (
        N_("“{file}” can't be read as a preset. {why}"),
        N_("That can't be read as a preset. {why}"),
        N_("That is no preset this bot knows."),
    ),
    e.InvalidTemplate: (
        N_("The template has a fault in line {line}, column {column}. {why} Nothing was changed."),
        N_("The template can't be used. {why} Nothing was changed."),
        N_("The template can't be used. Nothing was changed."),
    ),
    e.InvalidRegex: (
        N_("“{file}” can't be read as regex scripts. {why}"),
        N_("The pattern `{pattern}` can't be used. {why}"),
        N_("That pattern can't be used. {why}"),
        N_("That pattern can't be used."),
    ),
    e.InvalidOption: (
        N_(
            "There is a fault in line {line}, column {column}. {why} Write it like "
            "`{expected}`. Nothing was changed."
        ),
        N_("“{value}” can't be used for {key}; it takes {expected}."),
        N_("That can't be used for {key}. {why}"),
        N_("“{value}” can't be used for {key}."),
        N_("That value can't be used. {why}"),
        N_("That value can't be used."),
    ),
    e.InvalidUrl: (
        N_("The address “{url}” can't be used. {why}"),
        N_("That address can't be used. {why}"),
        N_("That address can't be used. It looks like `http://127.0.0.1:5001`."),
    ),
    e.Unsafe: (N_("That was refused for safety."),),
    e.AdultOnly: (
        N_("{name} is marked for adults and speaks in age-restricted channels only."),
        N_("Characters marked for adults speak in age-restricted channels only."),
    ),
    e.BackendError: (
        N_("{where} didn't answer as it should: “{detail}”"),
        N_("The model failed."),
    ),
    e.AddressMissing: (
        N_("{why} {next}"),
        N_("The address of the model's server is missing. {next}"),
    ),
    e.Unreachable: (
        N_("{where} can't be reached. {why} {next}"),
        N_("{where} can't be reached. {next}"),
        N_("The model's server doesn't answer. {why} {next}"),
        N_("The model's server doesn't answer. {next}"),
    ),
    e.TimedOut: (
        N_("{where} was silent for {seconds} seconds. {next}"),
        N_("The model took too long. {next}"),
    ),
    e.Endless: (
        N_("The answer of {where} didn't end within {time}. {next}"),
        N_("The answer of {where} didn't end. {next}"),
        N_("The answer didn't end. {next}"),
    ),
    e.Overloaded: (
        N_("{where} is overloaded. Try again in {time}."),
        N_("{where} can't answer at the moment. {why} {next}"),
        N_("{where} can't answer at the moment: “{detail}”. {next}"),
        N_("{where} is overloaded at the moment. {next}"),
        N_("The model's server can't answer at the moment. {why} {next}"),
        N_("The model's server is overloaded. {next}"),
    ),
    e.RateLimited: (
        N_("{where} got too many requests. Try again in {time}."),
        N_("{where} got too many requests. {next}"),
        N_("Too many requests at once. {next}"),
    ),
    e.KeyRejected: (
        N_("{where} didn't accept the key. {why} {next}"),
        N_("{where} needs a valid key. {next}"),
        N_("The server didn't accept the key. {why} {next}"),
        N_("The server needs a valid key. {next}"),
    ),
    e.QuotaExhausted: (
        N_("The account at {where} has no credit left: “{detail}”. {next}"),
        N_("The account at {where} has no credit left. {next}"),
        N_("The account has no credit left. {next}"),
    ),
    e.AllowanceUsed: (
        N_("{why} It is renewed in {time}. {next}"),
        N_("{why} “{detail}”. {next}"),
        N_("{why} {next}"),
        N_("A quota is used up. {next}"),
    ),
    e.UnknownModel: (
        N_("{where} doesn't know the model “{model}”. {next}"),
        N_("{where} has no model loaded, or none is chosen. {next}"),
        N_("The server has no model loaded, or none is chosen. {next}"),
    ),
    e.BadRequest: (
        N_("{where} refused the request: “{detail}”. {next}"),
        N_("The server refused the request. {next}"),
    ),
    e.BadAnswer: (
        N_("{where} sent something that isn't a reply. {why} {next}"),
        N_("{where} sent something that isn't a reply: “{detail}”. {next}"),
        N_("The server sent something that isn't a reply. {why} {next}"),
        N_("The server sent something that isn't a reply. {next}"),
    ),
    e.Wordless: (N_("{why} {next}"), N_("The model answered nothing. {next}")),
    e.PromptTooLong: (
        N_("The prompt has {sent} tokens, the model takes {limit}. {next}"),
        N_("The prompt is longer than the model takes. {next}"),
    ),
    e.Refused: (
        N_("{where} would not answer this: “{detail}” ({category}). {next}"),
        N_("{where} would not answer this: “{detail}”. {next}"),
        N_("{where} would not answer this ({category}). {next}"),
        N_("{where} would not answer this. {next}"),
        N_("The model would not answer this. {next}"),
    ),
    e.StreamBroken: (
        N_("The connection to {where} broke off. {why} {next}"),
        N_("The connection broke off. {why} {next}"),
        N_("The connection to {where} broke off. {next}"),
        N_("The connection broke off. {next}"),
    ),
    e.FellSilent: (
        N_("{where} fell silent for {seconds} seconds. {next}"),
        N_("The model's server fell silent. {next}"),
    ),
    e.NothingCame: (
        N_("{where} closed the connection before the first word. {next}"),
        N_("The model's server closed the connection before the first word. {next}"),
    ),
    e.PromptError: (N_("The prompt can't be built."),),
    e.BudgetExceeded: (N_("Card and settings alone do not fit into the context."),),
    e.NeedCounts: (N_("The server didn't count the tokens. Try Regenerate."),),
    e.TokenizerError: (N_("The tokenizer can't be used. An estimate stands in."),),
    e.TokenizerMissing: (
        N_("The tokenizer {tokenizer} isn't here. An estimate stands in."),
        N_("The tokenizer isn't here. An estimate stands in."),
    ),
    e.DownloadFailed: (
        N_("Fetching the tokenizer {tokenizer} failed. An estimate stands in."),
        N_("Fetching the tokenizer failed. An estimate stands in."),
    ),
    e.StorageError: (N_("The database didn't take it. Nothing was changed; try again."),),
    e.Conflict: (N_("Somebody changed this a moment ago. Look again and repeat it."),),
    e.StorageBusy: (N_("The database is busy. Nothing was lost; try again in a moment."),),
    e.StorageFull: (N_("Storage is full. Whoever runs this bot has to make room first."),),
    e.StorageInUse: (N_("Another process already uses this database."),),
    e.SchemaBehind: (
        N_("The database has another version. {why}"),
        N_("The database has another version: run `python -m bot migrate`."),
    ),
    e.StorageDamaged: (
        N_("The database is damaged. {why} Whoever runs this bot has to look at it."),
        N_("The database is damaged. Whoever runs this bot has to look at it."),
    ),
    e.SettingsError: (
        N_(
            "The configuration can't be used: `{file}` has a fault in line {line}, column "
            "{column}. {why}"
        ),
        N_(
            "The configuration can't be used: `{key}` has a fault in line {line}, column "
            "{column}. {why}"
        ),
        N_("The configuration in `{file}` can't be used. {why}"),
        N_("The configuration can't be used at `{key}`. {why}"),
        N_("The configuration can't be used. {why}"),
        N_("The configuration can't be used."),
    ),
    e.SecretError: (N_("A stored key can't be read. `/connect key` takes it again."),),
    e.KeyMissing: (N_("The bot has no master key, so stored keys can't be read."),),
    e.WrongKey: (
        N_("A stored key was sealed with another master key. `/connect key` takes it again."),
    ),
    Unsupported: (
        N_("{where} doesn't offer {what}."),
        N_("This backend doesn't offer that."),
    ),
}

STEPS: Mapping[type[e.TavernError], str] = {
    e.InvalidCard: N_("Bring a character card as PNG, WEBP, JSON or CHARX."),
    e.InvalidLorebook: N_("Bring a lorebook or World Info as JSON, or a card with a book."),
    e.NotFound: N_("Pick one from the suggestions while typing."),
    e.AddressMissing: N_("Enter it with `/connect use url:`."),
    e.Unreachable: N_("`/connect test` finds out more."),
    e.TimedOut: N_("It may still be loading: try Regenerate."),
    e.Endless: N_("Allow only shorter replies, or try Regenerate."),
    e.Overloaded: N_("Try Regenerate in a minute."),
    e.RateLimited: N_("Try Regenerate in a minute."),
    e.KeyRejected: N_("Enter it again with `/connect key`."),
    e.QuotaExhausted: N_("Top it up, or choose another connection with `/connect use`."),
    e.AllowanceUsed: N_("Wait for it, or choose another model with `/connect use`."),
    e.UnknownModel: N_("Pick another one with `/connect model use`."),
    e.BadRequest: N_("`/connect test` finds out more."),
    e.BadAnswer: N_("`/connect test` finds out more."),
    e.Wordless: N_("Try Regenerate."),
    e.PromptTooLong: N_("Lower the context with `/connect context`."),
    e.Refused: N_("Change the last message, or try Regenerate."),
    e.StreamBroken: N_("What came until then is kept."),
    e.NothingCame: N_("Try Regenerate; `/connect test` finds out more."),
}
"""What to do next in Discord, in place of `{next}`; the terminal has steps of its own."""

NOUNS: Mapping[StrEnum, str] = {
    FileKind.CARD: N_("a character card"),
    FileKind.LOREBOOK: N_("a lorebook"),
    FileKind.CONTEXT: N_("a context template"),
    FileKind.INSTRUCT: N_("an instruct template"),
    FileKind.SYSTEM_PROMPT: N_("a system prompt"),
    FileKind.SAMPLER: N_("a sampler preset"),
    FileKind.CHAT_PRESET: N_("a chat completion preset"),
    FileKind.REASONING: N_("a reasoning template"),
    FileKind.BUNDLE: N_("a bundle of templates"),
    FileKind.CHAT: N_("a chat log"),
    FileKind.REGEX: N_("a regex script"),
    FileContent.EMPTY: N_("an empty file"),
    FileContent.PNG: N_("a picture"),
    FileContent.JPEG: N_("a picture"),
    FileContent.GIF: N_("a picture"),
    FileContent.BMP: N_("a picture"),
    FileContent.WEBP: N_("a picture"),
    FileContent.ZIP: N_("a ZIP archive"),
    FileContent.EMPTY_ZIP: N_("an empty ZIP archive"),
    FileContent.ARCHIVE: N_("an archive of another kind than ZIP"),
    FileContent.PDF: N_("a PDF document"),
    FileContent.SOUND: N_("a sound recording"),
    FileContent.FILM: N_("a film"),
    FileContent.PROGRAM: N_("a program"),
    FileContent.DATABASE: N_("a database"),
    FileContent.MODEL: N_("a model file"),
    FileContent.HTML: N_("a web page"),
    FileContent.XML: N_("an XML file"),
    FileContent.JSON: N_("a JSON file of another kind"),
    FileContent.TEXT: N_("a text file"),
    FileContent.UNKNOWN: N_("a file of an unknown kind"),
}
"""What a file is, in the middle of a sentence."""

# What a fact can say, as it is put into the sentence.
PHRASES = {
    "character": N_("character"),
    "persona": N_("persona"),
    "lorebook": N_("lorebook"),
    "entry": N_("entry"),
    "preset": N_("preset"),
    "script": N_("regex script"),
    "scripts": N_("regex scripts"),
    "context": N_("context template"),
    "instruct": N_("instruct template"),
    "system": N_("system prompt"),
    "sampler": N_("sampler"),
    "sampler_text": N_("sampler preset"),
    "sampler_chat": N_("sampler preset"),
    "reasoning": N_("preset of thinking marks"),
    "connection": N_("connection"),
    "backend": N_("backend"),
    "model": N_("model"),
    "models": N_("a list of models"),
    "tokenizer": N_("tokenizer"),
    "chat": N_("chat"),
    "message": N_("message"),
    "swipe": N_("alternative"),
    "option": N_("option"),
    "address": N_("address"),
    "url": N_("address"),
    "characters": N_("characters"),
    "personas": N_("personas"),
    "lorebooks": N_("lorebooks"),
    "bytes": N_("bytes"),
    "turns": N_("replies"),
    "imports": N_("imports"),
    "load": N_("loading and unloading of models"),
    "manager": N_("people who manage this server"),
    "owner": N_("the owner of this bot"),
}

# Which command sets what is missing.
COMMANDS = {
    "connection": "connect use",
    "backend": "connect use",
    "model": "connect model use",
    "key": "connect key",
    "character": "chat start character:",
    "persona": "persona new",
    "chat": "chat start",
}
