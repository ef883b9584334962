"""Which tokenizer counts for which backend and model ("best match"), and by which rule."""

from dataclasses import dataclass

from core.backends.kind import Kind
from core.errors import InvalidOption
from core.tokenizers.catalog import find

REMOTE = "api"
FALLBACK = "cl100k_base"

NOVELAI = (
    ("clio", "nerdstash"),
    ("kayra", "nerdstash_v2"),
    ("erato", "llama3"),
    ("krake", "gpt2"),
    ("euterpe", "gpt2"),
)
"""NovelAI's models by a word of their names; newer ones are Llama 3 and later relatives."""

TEXT_MODELS = (
    ("llama3", "llama3"),
    ("llama-3", "llama3"),
    ("nemo", "nemo"),
    ("pixtral", "nemo"),
    ("mistral", "mistral"),
    ("mixtral", "mistral"),
    ("gemma", "gemma"),
    ("deepseek", "deepseek"),
    ("yi-", "yi"),
    ("jamba", "jamba"),
    ("command-r", "command-r"),
    ("command-a", "command-a"),
    ("qwen2", "qwen2"),
    ("qwen3", "qwen2"),
)
"""Text kind, by a word of the model's name; Llama where none fits."""

CHAT_MODELS = (
    ("o1", "o200k_base"),
    ("o3", "o200k_base"),
    ("o4-mini", "o200k_base"),
    ("gpt-5", "o200k_base"),
    ("gpt-4o", "o200k_base"),
    ("gpt-4.1", "o200k_base"),
    ("gpt-4.5", "o200k_base"),
    ("gpt-4", "cl100k_base"),
    ("gpt-3.5-turbo", "cl100k_base"),
    ("text-davinci-003", "p50k_base"),
    ("text-davinci-002", "p50k_base"),
    ("davinci", "gpt2"),
    ("claude", "claude"),
    ("llama3", "llama3"),
    ("llama-3", "llama3"),
    ("llama", "llama"),
    ("nemo", "nemo"),
    ("pixtral", "nemo"),
    ("mistral", "mistral"),
    ("yi-", "yi"),
    ("deepseek", "deepseek"),
    ("gemma", "gemma"),
    ("gemini", "gemma"),
    ("jamba", "jamba"),
    ("qwen2", "qwen2"),
    ("command-r", "command-r"),
    ("command-a", "command-a"),
)
"""Chat kind, the first word that stands in the model's name decides; else GPT-3.5's encoding."""


@dataclass(frozen=True, slots=True)
class Match:
    """The chosen tokenizer and the rule that chose it: override, api, backend, model, fallback."""

    tokenizer: str
    rule: str
    word: str = ""
    """The word of the model's name that decided."""


def best_match(
    kind: Kind, rule: str, model: str, *, remote: bool = False, override: str | None = None
) -> Match:
    """The tokenizer for a model.

    `rule` is the row's: a tokenizer's id, `novelai`, `remote` or `best-match`. `remote`: whether the server
    counts for us. Raises InvalidOption for an override that does not apply.
    """
    if override:
        return _overridden(kind, override, remote=remote)
    if rule == "novelai":
        return _by_words(model, NOVELAI) or Match("llama3", "backend")
    if rule not in ("best-match", "remote"):
        return Match(find(rule).id, "backend")
    if kind is Kind.TEXT:
        if remote:
            return Match(REMOTE, "api")
        return _by_words(model, TEXT_MODELS) or Match("llama", "fallback")
    return _by_words(model, CHAT_MODELS) or Match(FALLBACK, "fallback")


def _overridden(kind: Kind, override: str, *, remote: bool) -> Match:
    row = find(override)
    if kind is Kind.CHAT:
        raise InvalidOption(
            "chat completion always counts with the model's own tokenizer",
            key="tokenizer",
            value=row.id,
        )
    if row.id == REMOTE and not remote:
        raise InvalidOption(
            "this backend does not count tokens for others", key="tokenizer", value=row.id
        )
    return Match(row.id, "override")


def _by_words(model: str, table: tuple[tuple[str, str], ...]) -> Match | None:
    name = model.lower()
    for word, tokenizer in table:
        if _stands_in(word, name):
            return Match(tokenizer, "model", word)
    return None


def _stands_in(word: str, name: str) -> bool:
    """Short words such as `o1` and `yi-` must begin a part of the name: `yi` is no `tyin`."""
    start = name.find(word)
    while start >= 0:
        if len(word) > 3 or start == 0 or not name[start - 1].isalnum():
            return True
        start = name.find(word, start + 1)
    return False
