"""The rules that choose a tokenizer."""

import pytest

from core.backends.catalog import Catalog
from core.errors import InvalidOption, NotFound
from core.kind import Kind
from core.tokenizers.best_match import FAMILIES, Match, best_match
from core.tokenizers.best_match import TokenizerRule as Rule
from core.tokenizers.catalog import find

CHAT = [
    ("gpt-4o-2024-08-06", "o200k_base"),
    ("o1-preview", "o200k_base"),
    ("o3-mini", "o200k_base"),
    ("gpt-5", "o200k_base"),
    ("gpt-4-0613", "cl100k_base"),
    ("gpt-3.5-turbo-16k", "cl100k_base"),
    ("anthropic/claude-opus-4", "claude"),
    ("meta-llama/llama-3.1-8b", "llama3"),
    ("meta-llama/llama-2-70b-chat", "llama"),
    ("mistralai/mistral-nemo", "nemo"),
    ("mistralai/mistral-7b-instruct", "mistral"),
    ("01-ai/yi-large", "yi"),
    ("deepseek/deepseek-r1", "deepseek"),
    ("google/gemini-2.0-flash", "gemma"),
    ("ai21/jamba-1.5-large", "jamba"),
    ("qwen/qwen3-32b", "qwen2"),
    ("cohere/command-r-08-2024", "command-r"),
    ("cohere/command-a", "command-a"),
]


@pytest.mark.parametrize(("model", "tokenizer"), CHAT)
def test_chat_models_by_a_word_of_their_names(model: str, tokenizer: str) -> None:
    found = best_match(Kind.CHAT, "best-match", model)
    assert (found.tokenizer, found.rule) == (tokenizer, Rule.MODEL)


@pytest.mark.parametrize("model", ["", "mystery", "tyin-7b", "foo1", "solo3"])
def test_other_chat_models_fall_back(model: str) -> None:
    assert best_match(Kind.CHAT, "best-match", model) == Match("cl100k_base", Rule.FALLBACK)


def test_text_kind_asks_the_server_else_llama_counts() -> None:
    assert best_match(Kind.TEXT, "remote", "gemma", remote=True) == Match("api", Rule.API)
    assert best_match(Kind.TEXT, "best-match", "gemma") == Match("llama", Rule.FALLBACK)
    assert best_match(Kind.TEXT, "by-model", "gemma-2b") == Match("gemma", Rule.MODEL, "gemma")


def test_an_override_wins_in_text_kind_only() -> None:
    assert best_match(Kind.TEXT, "remote", "", remote=True, override="yi").tokenizer == "yi"
    with pytest.raises(InvalidOption):
        best_match(Kind.CHAT, "best-match", "", override="yi")
    with pytest.raises(InvalidOption):
        best_match(Kind.TEXT, "llama", "", override="api")
    with pytest.raises(NotFound):
        best_match(Kind.TEXT, "llama", "", override="nothing")


def test_every_row_of_the_backends_names_a_rule_that_works() -> None:
    for spec in Catalog.load():
        for kind in spec.kinds:
            for model in ("", *spec.models.known):
                find(best_match(kind, spec.models.tokenizer, model).tokenizer)


def test_every_word_leads_to_a_tokenizer() -> None:
    for words in FAMILIES.values():
        for _word, tokenizer in words:
            assert find(tokenizer).file
