"""Every body a row can build, held against the vendors' own published schemas."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from core.backends import gemini, horde, koboldcpp, ollama
from core.backends.catalog import Catalog
from core.backends.http import encode
from core.backends.openai import chat_body, text_body
from core.backends.sampling import accepted
from core.backends.spec import Spec
from core.backends.types import Image, Request, WireMessage
from core.kind import Kind
from core.samplers.sampler import SamplerType
from tests.shared import shared_path

CATALOG = Catalog.load()
PICTURE = Image(b"\x89PNG\r\n", "image/png")

Build = Callable[[Spec, Request], dict[str, Any]]
VERTEX = "/v1/projects/{project}/locations/{location}/publishers/google/models/{model}"
VERTEX += ":generateContent"
TARGETS: list[tuple[str, Kind, Build, str, str, str]] = [
    ("openai", Kind.CHAT, chat_body, "openai-chat", "/chat/completions", "gpt-4o"),
    ("openai", Kind.CHAT, chat_body, "openai-chat", "/chat/completions", "gpt-5"),
    ("openai", Kind.TEXT, text_body, "openai-chat", "/completions", "gpt-3.5-turbo-instruct"),
    ("groq", Kind.CHAT, chat_body, "openai-chat", "/chat/completions", "llama-3.3-70b"),
    ("xai", Kind.CHAT, chat_body, "openai-chat", "/chat/completions", "grok-4"),
    ("openai-compatible", Kind.CHAT, chat_body, "llama-cpp-python", "/v1/chat/completions", "m"),
    ("openai-compatible", Kind.TEXT, text_body, "llama-cpp-python", "/v1/completions", "m"),
    ("mistral", Kind.CHAT, chat_body, "mistral", "/v1/chat/completions", "mistral-large-latest"),
    ("openrouter", Kind.CHAT, chat_body, "openrouter", "/chat/completions", "a/b"),
    ("tabby", Kind.TEXT, text_body, "tabbyapi", "/v1/completions", ""),
    ("tabby", Kind.CHAT, chat_body, "tabbyapi", "/v1/chat/completions", ""),
    ("ollama", Kind.TEXT, ollama.ollama_body, "ollama", "/api/generate", "m"),
    ("ollama", Kind.CHAT, ollama.ollama_body, "ollama", "/api/chat", "m"),
    ("koboldcpp", Kind.TEXT, koboldcpp.generate_body, "koboldcpp", "/api/v1/generate", ""),
    ("horde", Kind.TEXT, horde.job_body, "ai-horde-text", "/v2/generate/text/async", "m"),
    ("gemini", Kind.CHAT, gemini.content_body, "google-vertex-generatecontent", VERTEX,
     "gemini-2.5-flash"),
    ("vertex", Kind.CHAT, gemini.content_body, "google-vertex-generatecontent", VERTEX,
     "gemini-3-pro-preview"),
]  # fmt: skip
REFUSE_UNKNOWN = {"openai", "mistral", "openrouter", "gemini", "vertex", "groq", "xai", "horde"}
"""Backends that refuse keys they do not know; to the others these are extensions."""


def plain(kind: Kind, model: str, **more: Any) -> Request:
    messages = (WireMessage("system", "You are Mira."), WireMessage("user", "Hello."))
    if kind is Kind.TEXT:
        return Request(kind, model, prompt="Tobin: Hello.\nMira:", **more)
    return Request(kind, model, messages=more.pop("messages", messages), **more)


def everything(spec: Spec, model: str) -> dict[str, Any]:
    """A value that is not neutral for each sampler the row takes."""
    values: dict[str, Any] = {}
    for row in accepted(spec, model):
        if row.range is not None:
            low, high = spec.sampling.ranges.get(row.id, row.range)
            middle = min((low + high) / 2, 400)
            values[row.id] = int(middle) if row.type is SamplerType.WHOLE else middle
        elif row.type is SamplerType.SWITCH:
            values[row.id] = not row.neutral
        elif row.id == "logit_bias":
            values[row.id] = {"15": -3.0}
        elif row.id == "banned_tokens":
            values[row.id] = [1, 2]
        elif row.id == "sampler_order":
            values[row.id] = [6, 0, 1, 3, 4, 2, 5]
        elif row.type is SamplerType.LIST:
            values[row.id] = ["\n", "dragon"]
    return values


def long_talk() -> tuple[WireMessage, ...]:
    roles = ("user", "assistant")
    return (
        WireMessage("system", "You are Mira."),
        *(
            WireMessage(
                roles[number % 2], f"Line {number}", images=(PICTURE,) if number % 2 == 0 else ()
            )
            for number in range(39)
        ),
    )


def requests(spec: Spec, kind: Kind, model: str) -> dict[str, Request]:
    stops = tuple(f"\nName {number}:" for number in range(20))
    found = {
        "minimal": plain(kind, model),
        "whole": plain(kind, model, stream=False),
        "samplers": plain(kind, model, samplers=everything(spec, model)),
        "stops": plain(kind, model, stop=stops),
    }
    for effort in ("none", "low", "max"):
        found[f"thinking {effort}"] = plain(kind, model, effort=effort)
    if kind is Kind.CHAT:
        found["forty messages"] = plain(kind, model, messages=long_talk())
        unfinished = (WireMessage("user", "Go on."), WireMessage("assistant", "She says"))
        found["continue"] = plain(kind, model, messages=unfinished, prefill=True)
    return found


CASES = [
    pytest.param(row, request, id=f"{row[0]}-{row[1]}-{row[5] or 'any'}-{name}")
    for row in TARGETS
    for name, request in requests(CATALOG.get(row[0]), row[1], row[5]).items()
]


@pytest.mark.parametrize(("row", "request_"), CASES)
def test_bodies_are_what_the_vendor_publishes(
    row: tuple[str, Kind, Build, str, str, str], request_: Request
) -> None:
    backend, _, build, file, path, _ = row
    body = json.loads(encode(build(CATALOG.get(backend), request_)))
    validator, known = schema(file, path)
    problems = [
        f"{error.json_path}: {error.message[:160]}" for error in validator.iter_errors(body)
    ]
    assert problems == []
    if backend in REFUSE_UNKNOWN:
        assert set(body) - known == set()


@cache
def schema(file: str, path: str) -> tuple[Draft202012Validator, frozenset[str]]:
    """The validator of a route's request body, and the keys it knows."""
    document = json.loads(shared_path("openapi", f"{file}.openapi.json").read_text("utf-8"))
    if document["openapi"].startswith("3.0"):
        document = with_null(document)
    body = resolved(document, document["paths"][path]["post"]["requestBody"])
    content = body["content"]
    found = content.get("application/json") or next(iter(content.values()))
    whole = {"components": document.get("components", {}), **found["schema"]}
    return Draft202012Validator(whole), frozenset(keys_of(document, found["schema"], set()))


def resolved(document: Any, node: Any) -> Any:
    if "$ref" not in node:
        return node
    found = document
    for part in node["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return found


def keys_of(document: Any, node: Any, seen: set[str]) -> set[str]:
    found = set(node.get("properties", {}))
    if "$ref" in node and node["$ref"] not in seen:
        seen.add(node["$ref"])
        found |= keys_of(document, resolved(document, node), seen)
    for word in ("allOf", "anyOf", "oneOf"):
        for inner in node.get(word, []):
            found |= keys_of(document, inner, seen)
    return found


def with_null(node: Any) -> Any:
    """OpenAPI 3.0 writes `nullable` where JSON Schema has a null type."""
    if isinstance(node, dict):
        node = {key: with_null(value) for key, value in node.items()}
        if node.pop("nullable", None) is True and isinstance(node.get("type"), str):
            node["type"] = [node["type"], "null"]
        return node
    return [with_null(value) for value in node] if isinstance(node, list) else node
