"""Exact token counts by the server's own tokenizer."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from core.backends.api_client import ApiClient
from core.backends.documents import list_at, number_at
from core.backends.types import Unsupported
from core.errors import BadAnswer
from core.reasons import Reason

AT_ONCE = 4
"""Requests under way together; local servers answer one after the other anyway."""


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


ROUTES = {
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


async def count(api: ApiClient, texts: Sequence[str], model: str) -> list[int]:
    """Counts in the order given. Raises Unsupported where the server cannot count."""
    found = ROUTES.get(api.spec.models.count)
    if found is None:
        raise Unsupported(what="count")
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(text: str) -> int:
        if not text:
            return 0
        async with gate:
            return await _count(api, found, text, model)

    return list(await asyncio.gather(*(one(text) for text in texts)))


async def specials(api: ApiClient, model: str) -> int:
    """What is left of a count of nothing. Raises Unsupported where the server does not tell."""
    found = ROUTES.get(api.spec.models.count)
    if found is None or not found.specials:
        raise Unsupported(what="count")
    body = {**found.body("", model), found.specials: True}
    return _number(api, found, await api.post(found.path, body))


async def _count(api: ApiClient, route: CountRoute, text: str, model: str) -> int:
    if route.most is not None and len(text) > route.most:
        raise Unsupported(what="count")
    return _number(api, route, await api.post(route.path, route.body(text, model)))


def _number(api: ApiClient, route: CountRoute, answer: Any) -> int:
    if route.tokens:
        return len(list_at(answer, *route.tokens))
    number = number_at(answer, *route.number)
    if number is None:
        raise BadAnswer(Reason.UNEXPECTED_SHAPE, where=api.spec.name)
    return number
