"""Everything that can go wrong and that somebody can do something about.

TavernError
├─ UserError                 the person can fix it; the sentence names the command to type
│  ├─ NotConfigured   NotFound   AlreadyExists   LimitReached   NotAllowed   Busy
│  └─ InvalidCard   InvalidLorebook   InvalidPreset   InvalidTemplate   InvalidRegex
│     InvalidOption   InvalidUrl   Unsafe   AdultOnly
├─ BackendError              where, model, status, request_id, retry_after, detail
│  ├─ Unreachable   TimedOut   Overloaded   RateLimited                (may be tried again)
│  │  │             └─ Endless
│  │  └─ AddressMissing       nothing was tried
│  ├─ KeyRejected   UnknownModel   BadRequest
│  ├─ QuotaExhausted         money
│  │  └─ AllowanceUsed       what comes back by itself
│  ├─ BadAnswer
│  │  └─ Wordless            an answer without a word to be shown
│  ├─ PromptTooLong          limit, sent
│  ├─ Refused                category
│  └─ StreamBroken           the text that arrived is kept
│     ├─ FellSilent          nothing more came
│     └─ NothingCame         there was none
├─ PromptError
│  ├─ BudgetExceeded         the fixed parts alone do not fit
│  └─ NeedCounts             texts whose token counts must be fetched first
├─ TokenizerError
│  └─ TokenizerMissing   DownloadFailed
├─ StorageError
│  └─ Conflict   StorageBusy   StorageFull   StorageInUse   SchemaBehind   StorageDamaged
├─ SettingsError
└─ SecretError
   └─ KeyMissing   WrongKey
"""

from collections.abc import Sequence
from typing import ClassVar, Self, TypeVar

from core.reasons import Damaged, Reason

Kind = TypeVar("Kind", bound="TavernError")


class TavernError(Exception):
    """Base of the tree: what failed is the class, why it did the reason, the rest are facts.

    Nothing here is a sentence: `bot.wording.sentences` has one for every class and reason.
    `detail` holds words that are not ours (a server's, a parser's), shown as a quotation.
    `code` is stable: metrics label and name in the logs in one.
    `str()` is one line for logs and never holds a secret.
    """

    code: ClassVar[str] = "error"

    def __init_subclass__(cls) -> None:
        cls.code = cls.__name__

    def __init__(self, reason: Reason | None = None, detail: str = "", /, **facts: object) -> None:
        self.reason = reason
        self.detail = detail
        self.facts = facts
        super().__init__(reason)

    def turned_into(self, kind: type[Kind], **more: object) -> Kind:
        """The same reason, words and facts under another class."""
        return kind(self.reason, self.detail, **(self.facts | more))

    @classmethod
    def of(cls, damage: Damaged, **more: object) -> Self:
        """The error that stands for damage found in bytes or a text."""
        return cls(damage.reason, **(damage.facts | more))

    def __str__(self) -> str:
        line = f"{self.code} {self.reason}" if self.reason else self.code
        shown = ", ".join(f"{name}={value}" for name, value in self.facts.items() if value)
        return (
            line + (f' "{self.detail}"' if self.detail else "") + (f" ({shown})" if shown else "")
        )


class UserError(TavernError):
    """The person who asked can fix it."""


class NotConfigured(UserError):
    """Something has to be chosen first. Facts: what."""


class NotFound(UserError):
    """No such thing in reach of the one who asked. Facts: what, name."""


class AlreadyExists(UserError):
    """The name is taken. Facts: what, name."""


class LimitReached(UserError):
    """A limit of the product or the operator. Facts: what, limit, seconds."""


class NotAllowed(UserError):
    """The person may not do this here. Facts: what, needs."""


class Busy(UserError):
    """A reply is already on its way in this channel."""


class InvalidCard(UserError):
    """The file is no character card, or a damaged one. Facts: file."""


class InvalidLorebook(UserError):
    """The file is no lorebook, or a damaged one. Facts: file."""


class InvalidPreset(UserError):
    """The file is no preset, or a damaged one. Facts: file."""


class InvalidTemplate(UserError):
    """A story string that cannot be used. Facts: line, column."""


class InvalidRegex(UserError):
    """A pattern that cannot be used. Facts: pattern."""


class InvalidOption(UserError):
    """A value outside its range. Facts: key, value, expected."""


class InvalidUrl(UserError):
    """An address that cannot be used. Facts: url."""


class Unsafe(UserError):
    """Refused for safety."""


class AdultOnly(Unsafe):
    """A card marked for adults outside of an age-restricted channel. Facts: name."""


class BackendError(TavernError):
    """The model's server did not do its part.

    Facts: where (backend name), model, status, request_id, retry_after (seconds).
    `detail` is the server's own sentence, shortened, free of keys and markup.
    """

    retryable: ClassVar[bool] = False

    @property
    def retry_after(self) -> float | None:
        """Seconds the server asked to wait, if it said so."""
        value = self.facts.get("retry_after")
        return float(value) if isinstance(value, int | float) else None


class Unreachable(BackendError):
    """Nothing answers at the address (refused, DNS, TLS). Never tried again by itself."""


class AddressMissing(Unreachable):
    """No address was given and there is no usual one: nothing was tried."""


class TimedOut(BackendError):
    """The server took longer than allowed. Facts: seconds, phase."""


class Endless(TimedOut):
    """The answer did not come to an end. Facts: seconds."""


class Overloaded(BackendError):
    """5xx, 529 or a full queue."""

    retryable = True


class RateLimited(BackendError):
    """Too many requests for now; money and daily quotas are `QuotaExhausted`."""

    retryable = True


class KeyRejected(BackendError):
    """401 or 403: the key is missing, wrong or not allowed to do this."""


class QuotaExhausted(BackendError):
    """There is no money left."""


class AllowanceUsed(QuotaExhausted):
    """What a day, a month, a trial or a volunteers' network grants is used up; the reason says
    which."""


class UnknownModel(BackendError):
    """The server does not know the model, or none is loaded."""


class BadRequest(BackendError):
    """The server refused the request's form; normally a fault of ours."""


class BadAnswer(BackendError):
    """The server answered something that is no answer (HTML page, wrong shape)."""


class Wordless(BadAnswer):
    """The answer has no word to be shown."""


class PromptTooLong(BackendError):
    """The prompt is longer than the model's context. Facts: limit, sent."""


class Refused(BackendError):
    """A content filter or the model's vendor refused. Facts: category."""


class StreamBroken(BackendError):
    """The answer broke off after text had arrived; the text is kept."""


class FellSilent(StreamBroken):
    """The server stopped in the middle, and the connection stayed. Facts: seconds."""


class NothingCame(StreamBroken):
    """The answer broke off, or ended, before its first word."""


class PromptError(TavernError):
    """The prompt cannot be built."""


class BudgetExceeded(PromptError):
    """What may not be missing does not fit into the context; nothing was sent.

    Facts: whose, card, settings, reply, context (tokens), exact; raised (a context that would do),
    shorter (a reply that would do).
    """


class NeedCounts(PromptError):
    """Token counts of these texts must be fetched before the prompt can be built."""

    def __init__(self, texts: Sequence[str]) -> None:
        super().__init__(number=len(texts))
        self.texts = tuple(texts)


class TokenizerError(TavernError):
    """A tokenizer cannot be used; an estimate stands in."""


class TokenizerMissing(TokenizerError):
    """The tokenizer's file is not here and may not be fetched. Facts: tokenizer."""


class DownloadFailed(TokenizerError):
    """Fetching the tokenizer's file failed. Facts: tokenizer."""


class StorageError(TavernError):
    """The database did not do its part."""


class Conflict(StorageError):
    """Somebody else changed it first."""


class StorageBusy(StorageError):
    """The database is locked for longer than we wait."""


class StorageFull(StorageError):
    """No space left."""


class StorageInUse(StorageError):
    """Another process holds this database. Facts: path."""


class SchemaBehind(StorageError):
    """The database needs `python -m bot migrate`, or comes from a newer version."""


class StorageDamaged(StorageError):
    """The integrity check failed. Facts: path."""


class SettingsError(TavernError):
    """The configuration cannot be used. Facts: key."""

    further: tuple["SettingsError", ...] = ()
    """The other faults of the same configuration."""


class SecretError(TavernError):
    """A stored key cannot be read."""


class KeyMissing(SecretError):
    """No master key."""


class WrongKey(SecretError):
    """The master key does not open this value."""
