"""Where servers count tokens with the model's own tokenizer: a route each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class CountRoute:
    """A tokenizer's route below the server's root, its body and where the number stands."""

    path: str
    body: Callable[[str, str], dict[str, Any]]
    number: tuple[str | int, ...] = ()
    tokens: tuple[str, ...] = ()
    most: int | None = None
    """Longest text in characters that is counted rightly."""
    specials: str = ""
    """Key of the body that lets the server add what it adds to each prompt."""


COUNT_ROUTES = {
    "koboldcpp": CountRoute(
        "/api/extra/tokencount", lambda text, _: {"prompt": text, "special": False}, ("value",),
        specials="special",
    ),
    "llamacpp": CountRoute(
        "/tokenize",
        lambda text, _: {"content": text, "add_special": False, "parse_special": True},
        tokens=("tokens",), specials="add_special",
    ),
    "textgen": CountRoute("/v1/internal/token-count", lambda text, _: {"text": text}, ("length",)),
    "textgen-legacy": CountRoute(
        "/api/v1/token-count", lambda text, _: {"prompt": text}, ("results", 0, "tokens")
    ),
    "tabby": CountRoute(
        "/v1/token/encode",
        lambda text, _: {"text": text, "add_bos_token": False, "encode_special_tokens": False},
        ("length",), specials="add_bos_token",
    ),
    "vllm": CountRoute(
        "/tokenize",
        lambda text, model: {"model": model, "prompt": text, "add_special_tokens": False},
        ("count",), specials="add_special_tokens",
    ),
    "aphrodite": CountRoute(
        "/v1/tokenize",
        lambda text, model: {"model": model, "prompt": text, "add_special_tokens": False},
        ("count",), specials="add_special_tokens",
    ),
    "cohere": CountRoute(
        "/v1/tokenize", lambda text, model: {"text": text, "model": model}, tokens=("tokens",),
        most=65_536,
    ),
}  # fmt: skip
