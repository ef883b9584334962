"""The rules that choose a tokenizer."""

import pytest

from core.backends.catalog import Catalog
from core.errors import InvalidOption, NotFound
from core.kind import Kind
from core.tokenizers.best_match import FAMILIES, Match, best_match, is_own
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


@pytest.mark.parametrize(
    ("tokenizer", "model"),
    [
        ("o200k_base", "gpt-4o-mini"),
        ("o200k_base", "openai/gpt-5.1"),
        ("cl100k_base", "gpt-4-turbo"),
        ("llama3", "meta-llama/llama-3.3-70b-instruct"),
        ("llama3", "L3-8B-Stheno-v3.2"),
        ("llama", "mythomax-l2-13b"),
        ("nemo", "mistral-nemo-12b"),
        ("deepseek", "deepseek-reasoner"),
        ("qwen2", "qwen2.5-32b-instruct"),
        ("nerdstash", "clio-v1"),
        ("command-r", "command-r-plus-08-2024"),
    ],
)
def test_a_tokenizer_known_to_be_the_models(tokenizer: str, model: str) -> None:
    assert is_own(tokenizer, model)


@pytest.mark.parametrize(
    ("tokenizer", "model"),
    [
        ("llama", "koboldcpp/L3-8B-Stheno-v3.2"),
        ("llama", "mistral-nemo-12b"),
        ("llama", "Meta-Llama-3-8B"),
        ("llama3", "deepseek/deepseek-r1-distill-llama-70b"),
        ("deepseek", "deepseek-r1-distill-qwen-14b"),
        ("qwen2", "deepseek-r1-distill-qwen-14b"),
        ("llama3", "llama-4-scout"),
        ("mistral", "mistral-large-latest"),
        ("mistral", "codestral-2501"),
        ("command-r", "aya-expanse-32b"),
        ("command-r", "command-r7b-12-2024"),
        ("gemma", "gemini-2.5-pro"),
        ("gemma", "gemma-3-27b-it"),
        ("claude", "claude-sonnet-4-5"),
        ("cl100k_base", "gpt-4o"),
        ("cl100k_base", "a-model-nobody-knows"),
        ("none", "gpt-4o"),
    ],
)
def test_all_others_are_near(tokenizer: str, model: str) -> None:
    assert not is_own(tokenizer, model)
