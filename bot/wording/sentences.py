"""One sentence with the next step for every error of the core, in English, to be translated.

Several sentences for one class: the first whose facts are all known is taken.
"""

from collections.abc import Mapping

from bot.i18n import N_
from core import errors as e
from core.backends.base import Unsupported

SENTENCES: Mapping[type[e.TavernError], tuple[str, ...]] = {
    e.TavernError: (N_("That did not work: {detail}"), N_("That did not work.")),
    e.UserError: (N_("That cannot be done: {detail}"), N_("That cannot be done.")),
    e.NotConfigured: (
        N_("There is no {what} here yet. Begin with `/{command}`."),
        N_("There is no {what} here yet."),
        N_("Something has to be set up first: `/connect use` chooses a model."),
    ),
    e.NotFound: (
        N_("“{retired}” is retired and can no longer be used. The nearest one alive is `{near}`."),
        N_("There is no {what} called “{name}”. Did you mean `{near}`?"),
        N_("There is no {what} called “{name}” here. Pick one from the suggestions while typing."),
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
        N_("A limit is reached: {detail}"),
        N_("A limit is reached."),
    ),
    e.NotAllowed: (
        N_("Only {needs} may do that here."),
        N_("You may not do that here: {detail}."),
        N_("You may not do that here."),
    ),
    e.Busy: (N_("A reply is already on its way here. Wait for it or press Stop."),),
    e.InvalidCard: (
        N_("“{file}” cannot be imported: {detail}."),
        N_("That cannot be imported: {detail}."),
        N_("That is no character card. A PNG or JSON card is needed."),
    ),
    e.InvalidLorebook: (
        N_("“{file}” cannot be read as a lorebook: {detail}. A World Info JSON is needed."),
        N_("That is no lorebook. A World Info JSON is needed."),
    ),
    e.InvalidPreset: (
        N_("“{file}” cannot be read as a preset: {detail}."),
        N_("That is no preset this bot knows."),
    ),
    e.InvalidTemplate: (
        N_("The template has a fault in line {line}, column {column}: {detail}. Nothing changed."),
        N_("The template cannot be used: {detail}. Nothing was changed."),
        N_("The template cannot be used. Nothing was changed."),
    ),
    e.InvalidRegex: (
        N_("The pattern `{pattern}` cannot be used: {detail}."),
        N_("That pattern cannot be used."),
    ),
    e.InvalidOption: (
        N_(
            "There is a fault in line {line}, column {column}: {reason}. Write it like "
            "`{expected}`. Nothing was changed."
        ),
        N_("“{value}” cannot be used for {key}; it takes {expected}."),
        N_("That cannot be used for {key}: {detail}."),
        N_("That value cannot be used: {detail}."),
        N_("That value cannot be used."),
    ),
    e.InvalidUrl: (
        N_("The address “{url}” cannot be used: {detail}."),
        N_("That address cannot be used: {detail}."),
        N_("That address cannot be used. It looks like `http://127.0.0.1:5001`."),
    ),
    e.Unsafe: (N_("That was refused for safety: {reason}."), N_("That was refused for safety.")),
    e.AdultOnly: (
        N_("{name} is marked for adults and speaks in age-restricted channels only."),
        N_("Characters marked for adults speak in age-restricted channels only."),
    ),
    e.BackendError: (N_("{where} did not answer as it should: {detail}"), N_("The model failed.")),
    e.Unreachable: (
        N_("{where} cannot be reached: {detail}. `/connect test` looks closer."),
        N_("{where} cannot be reached. `/connect test` looks closer."),
        N_("The model's server does not answer. `/connect test` looks closer."),
    ),
    e.TimedOut: (
        N_("{where} was silent for {seconds} seconds. It may be loading; try Regenerate."),
        N_("The model took too long. Try Regenerate."),
    ),
    e.Overloaded: (
        N_("{where} is overloaded. Try again in {time}."),
        N_("{where} cannot answer at the moment: {detail}. Try Regenerate in a minute."),
        N_("{where} is overloaded at the moment. Try Regenerate in a minute."),
        N_("The model's server is overloaded. Try Regenerate in a minute."),
    ),
    e.RateLimited: (
        N_("{where} takes no more requests for now. Try again in {time}."),
        N_("{where} takes no more requests for now. Try Regenerate in a minute."),
        N_("Too many requests for now. Try Regenerate in a minute."),
    ),
    e.KeyRejected: (
        N_("{where} wants a valid key. `/connect key` takes it."),
        N_("A valid key is wanted. `/connect key` takes it."),
    ),
    e.QuotaExhausted: (
        N_("The account at {where} is empty: {detail}. Top it up or `/connect use` another."),
        N_("The account at {where} is empty. Top it up or `/connect use` another."),
        N_("The account is empty. Top it up or `/connect use` another."),
    ),
    e.UnknownModel: (
        N_("{where} does not know the model “{model}”. `/connect model use` lists those it has."),
        N_("The server has no such model. `/connect model use` lists those it has."),
    ),
    e.BadRequest: (
        N_("{where} refused the request: {detail}. `/connect test` looks closer."),
        N_("The server refused the request. `/connect test` looks closer."),
    ),
    e.BadAnswer: (
        N_("{where} answered something that is no reply: {detail}. `/connect test` looks closer."),
        N_("The server answered something that is no reply. Try Regenerate."),
    ),
    e.PromptTooLong: (
        N_(
            "The prompt has {sent} tokens, the model takes {limit}. Lower the context with "
            "`/connect context`."
        ),
        N_("The prompt is longer than the model takes. Lower the context with `/connect context`."),
    ),
    e.Refused: (
        N_("{where} refused to write this ({category}). Change the last message or Regenerate."),
        N_("{where} refused to write this. Change the last message or Regenerate."),
        N_("The model refused to write this. Change the last message or Regenerate."),
    ),
    e.StreamBroken: (
        N_("The connection to {where} broke off. Continue picks up where it stopped."),
        N_("The connection broke off. Continue picks up where it stopped."),
    ),
    e.NothingCame: (
        N_("{where} hung up before the first word. Try Regenerate; `/connect test` looks closer."),
        N_("The model's server hung up before the first word. Try Regenerate."),
    ),
    e.PromptError: (N_("The prompt cannot be built: {detail}"), N_("The prompt cannot be built.")),
    e.BudgetExceeded: (
        N_(
            "Card, persona and prompts alone need {needed} tokens, {available} are free. "
            "Raise the context with `/connect context`, or shorten the card."
        ),
        N_(
            "Card and prompts alone do not fit. Raise the context with `/connect context`, or "
            "shorten the card."
        ),
    ),
    e.NeedCounts: (N_("The server did not count the tokens. Try Regenerate."),),
    e.TokenizerError: (
        N_("The tokenizer cannot be used: {detail}. An estimate stands in."),
        N_("The tokenizer cannot be used. An estimate stands in."),
    ),
    e.TokenizerMissing: (
        N_("The tokenizer {tokenizer} is not here. An estimate stands in."),
        N_("The tokenizer is not here. An estimate stands in."),
    ),
    e.DownloadFailed: (
        N_("Fetching the tokenizer {tokenizer} failed. An estimate stands in."),
        N_("Fetching the tokenizer failed. An estimate stands in."),
    ),
    e.StorageError: (N_("The database did not take it. Nothing was changed; try again."),),
    e.Conflict: (N_("Somebody changed this a moment ago. Look again and repeat it."),),
    e.StorageBusy: (N_("The database is busy. Nothing was lost; try again in a moment."),),
    e.StorageFull: (N_("Storage is full. Whoever runs this bot has to make room first."),),
    e.StorageInUse: (N_("Another process already uses this database."),),
    e.SchemaBehind: (N_("The database has another version: run `python -m bot migrate`."),),
    e.StorageDamaged: (N_("The database is damaged. Whoever runs this bot has to look at it."),),
    e.SettingsError: (
        N_("The configuration cannot be used at `{key}`: {detail}"),
        N_("The configuration cannot be used: {detail}"),
        N_("The configuration cannot be used."),
    ),
    e.SecretError: (N_("A stored key cannot be read. `/connect key` takes it again."),),
    e.KeyMissing: (N_("The bot has no master key, so stored keys cannot be read."),),
    e.WrongKey: (
        N_("A stored key was sealed with another master key. `/connect key` takes it again."),
    ),
    Unsupported: (
        N_("{where} does not offer {what}."),
        N_("This backend does not offer that."),
    ),
}

# What a fact can say, as it is put into the sentence.
PHRASES = {
    "character": N_("character"),
    "persona": N_("persona"),
    "lorebook": N_("lorebook"),
    "entry": N_("entry"),
    "preset": N_("preset"),
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
    "http-with-key": N_("the address is not encrypted, so others could read the key on its way"),
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
