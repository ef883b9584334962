"""Which tokenizer counts for which backend and model, and which may be chosen instead."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.errors import InvalidOption
from core.kind import Kind
from core.reasons import Reason
from core.tokenizers.catalog import find

REMOTE = "api"
BEST_MATCH = "best-match"
FALLBACKS: Mapping[Kind, str] = {Kind.TEXT: "llama", Kind.CHAT: "cl100k_base"}

Words = tuple[tuple[str, str], ...]

MODELS: Words = (
    ("o1", "o200k_base"),
    ("o3", "o200k_base"),
    ("o4-mini", "o200k_base"),
    ("gpt-5", "o200k_base"),
    ("gpt-4o", "o200k_base"),
    ("gpt-4.1", "o200k_base"),
    ("gpt-4.5", "o200k_base"),
    ("gpt-oss", "o200k_base"),
    ("gpt-4", "cl100k_base"),
    ("gpt-3.5", "cl100k_base"),
    ("text-davinci-003", "p50k_base"),
    ("text-davinci-002", "p50k_base"),
    ("davinci-002", "cl100k_base"),
    ("babbage-002", "cl100k_base"),
    ("davinci", "gpt2"),
    ("claude", "claude"),
    ("llama3", "llama3"),
    ("llama-3", "llama3"),
    ("llama-4", "llama3"),
    ("llama", "llama"),
    ("nemo", "nemo"),
    ("pixtral", "nemo"),
    ("ministral", "nemo"),
    ("mixtral", "mistral"),
    ("mistral", "mistral"),
    ("yi-", "yi"),
    ("deepseek", "deepseek"),
    ("gemma", "gemma"),
    ("gemini", "gemma"),
    ("jamba", "jamba"),
    ("qwen", "qwen2"),
    ("qwq", "qwen2"),
    ("command-a", "command-a"),
    ("command", "command-r"),
)
"""The first word that stands in the model's name decides."""

FAMILIES: Mapping[str, Words] = {
    "by-model": MODELS,
    "novelai": (
        ("clio", "nerdstash"),
        ("kayra", "nerdstash_v2"),
        ("erato", "llama3"),
        ("krake", "gpt2"),
        ("euterpe", "gpt2"),
    ),
    "mistral": (
        ("nemo", "nemo"),
        ("pixtral", "nemo"),
        ("ministral", "nemo"),
        ("magistral", "nemo"),
        ("devstral", "nemo"),
    ),
    "command-r": (("command-a", "command-a"),),
    "dreamgen": (
        ("opus-v1-sm", "mistral"),
        ("opus-v1-lg", "yi"),
        ("opus-v1-xl", "llama"),
        ("lucid-v1-medium", "nemo"),
        ("lucid", "llama3"),
    ),
    "perplexity": (("reasoning", "deepseek"), ("r1", "deepseek"), ("sonar", "llama3")),
}
"""Vendors whose models differ among themselves, by the rule that their row names."""

DEFAULTS: Mapping[str, str] = {
    "novelai": "llama3",
    "dreamgen": "llama3",
    "perplexity": "cl100k_base",
}
"""What counts for a vendor's other models, where the rule is no tokenizer's name itself."""


class TokenizerRule(StrEnum):
    OVERRIDE = "override"
    API = "api"
    BACKEND = "backend"
    MODEL = "model"
    FALLBACK = "fallback"


@dataclass(frozen=True, slots=True)
class Match:
    tokenizer: str
    rule: TokenizerRule
    word: str = ""


def best_match(
    kind: Kind, rule: str, model: str, *, remote: bool = False, override: str | None = None
) -> Match:
    """The tokenizer for a model.

    `rule` is the row's: a tokenizer's id, a family of `FAMILIES`, `remote` or `best-match`.
    `remote`: whether the server counts for us. Raises InvalidOption for an override that does not
    apply.
    """
    if override:
        return overridden(kind, override, remote=remote)
    if rule in FAMILIES and rule != "by-model":
        usual = Match(find(DEFAULTS.get(rule, rule)).id, TokenizerRule.BACKEND)
        return _by_words(model, FAMILIES[rule]) or usual
    if rule not in (BEST_MATCH, "remote", "by-model"):
        return Match(find(rule).id, TokenizerRule.BACKEND)
    if kind is Kind.TEXT and remote:
        return Match(REMOTE, TokenizerRule.API)
    found = _by_words(model, MODELS) if kind is Kind.CHAT or rule == "by-model" else None
    return found or Match(FALLBACKS[kind], TokenizerRule.FALLBACK)


def overridden(kind: Kind, override: str, *, remote: bool) -> Match:
    """The tokenizer that somebody chose. Raises NotFound, InvalidOption."""
    row = find(override)
    if kind is Kind.CHAT:
        raise InvalidOption(Reason.CHAT_COUNTS_ITSELF, key="tokenizer")
    if row.id == REMOTE and not remote:
        raise InvalidOption(Reason.BACKEND_CANNOT_COUNT, key="tokenizer")
    return Match(row.id, TokenizerRule.OVERRIDE)


def _by_words(model: str, table: Words) -> Match | None:
    fitting = (row for row in table if _stands_in(row[0], model.lower()))
    word, tokenizer = next(fitting, ("", ""))
    return Match(tokenizer, TokenizerRule.MODEL, word) if word else None


def _stands_in(word: str, name: str) -> bool:
    """Short words such as `o1` and `yi-` must begin a part of the name: `yi` is no `tyin`."""
    begins = "" if len(word) > 3 else r"(?<![^\W_])"
    return re.search(begins + re.escape(word), name) is not None
