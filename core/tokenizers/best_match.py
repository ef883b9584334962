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


OWN: Mapping[str, str] = {
    "o200k_base": r"gpt-4o|gpt-4\.[15]|gpt-5|gpt-oss|\bo1|\bo3|\bo4-mini",
    "cl100k_base": r"gpt-4(?![o.])|gpt-3\.5|davinci-002$|babbage-002",
    "p50k_base": r"text-davinci-00[23]",
    "gpt2": r"gpt-?2|krake|euterpe|^davinci$",
    "nerdstash": r"clio",
    "nerdstash_v2": r"kayra",
    "llama": r"llama-?[12]\b|llama-(?:7|13|30|33|65|70)b|vicuna|mythomax|tiefighter|xwin|alpaca",
    "llama3": r"llama-?3|\bl3(?:\.\d)?-|erato",
    "mistral": r"mistral-7b(?:-instruct)?-v0\.[12]|mixtral-8x7b",
    "nemo": r"nemo|pixtral-12b",
    "yi": r"\byi-(?:1\.5-)?\d+b",
    "gemma": r"gemma-(?:1\.1-)?[27]b|gemma-2",
    "jamba": r"jamba",
    "qwen2": r"qwen-?2|qwq",
    "command-r": r"command-r(?!7b)",
    "command-a": r"command-a",
    "deepseek": r"deepseek-(?:chat|reasoner|v3|r1)",
}
"""Models that were trained with a tokenizer, by their names; for all others its counts are near.

Absent: Claude's, of which only an older one is published, and Gemini's.
"""
_OTHERS = re.compile(r"distill|llama-?4|nemotron")
"""Names that hold another model's: a distilled model counts as neither does."""


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


def is_own(tokenizer: str, model: str) -> bool:
    """Whether the tokenizer is known to be the model's, by its name."""
    name = model.lower().replace("_", "-")
    pattern = OWN.get(tokenizer)
    return pattern is not None and bool(re.search(pattern, name)) and not _OTHERS.search(name)


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
