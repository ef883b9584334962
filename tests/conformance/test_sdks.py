"""The vendors' own client libraries read the same stand-ins, so that these are proven too.

Skipped, saying so, where a library is not installed:
`pip install openai anthropic google-genai cohere mistralai`.
"""

import inspect
import typing
from typing import Any

import pytest
from pydantic import TypeAdapter

from core.backends import anthropic as ours_anthropic
from core.backends import cohere as ours_cohere
from core.backends.catalog import Catalog
from core.backends.spec import Spec
from core.kind import Kind
from tests.conformance.families import FAMILIES
from tests.conformance.standin import TEXT, Act, serve
from tests.conformance.test_schemas import requests

pytestmark = pytest.mark.filterwarnings("default")
"""Their deprecations are their own."""
CATALOG = Catalog.load()
WHOLE = "".join(TEXT)
HELLO: list[Any] = [{"role": "user", "content": "Hello."}]


async def test_openai_chat() -> None:
    openai = pytest.importorskip("openai")
    async with (
        serve(FAMILIES["openai-chat"]) as standin,
        openai.AsyncOpenAI(api_key="k", base_url=f"{standin.url}/v1", max_retries=0) as client,
    ):
        stream = await client.chat.completions.create(model="m", messages=HELLO, stream=True)
        pieces = [chunk.choices[0].delta.content or "" async for chunk in stream
                  if chunk.choices]  # fmt: skip
        reply = await client.chat.completions.create(model="m", messages=HELLO)
        assert ("".join(pieces), reply.choices[0].message.content) == (WHOLE, WHOLE)
        standin.acts = [Act(status=401)]
        with pytest.raises(openai.AuthenticationError):
            await client.chat.completions.create(model="m", messages=HELLO)


async def test_openai_text() -> None:
    openai = pytest.importorskip("openai")
    async with (
        serve(FAMILIES["openai-text"]) as standin,
        openai.AsyncOpenAI(api_key="k", base_url=f"{standin.url}/v1", max_retries=0) as client,
    ):
        stream = await client.completions.create(model="m", prompt="x", stream=True)
        pieces = [chunk.choices[0].text async for chunk in stream if chunk.choices]
    assert "".join(pieces) == WHOLE


async def test_anthropic() -> None:
    anthropic = pytest.importorskip("anthropic")
    async with (
        serve(FAMILIES["anthropic"]) as standin,
        anthropic.AsyncAnthropic(api_key="k", base_url=standin.url, max_retries=0) as client,
    ):
        async with client.messages.stream(model="m", max_tokens=9, messages=HELLO) as stream:
            assert "".join([piece async for piece in stream.text_stream]) == WHOLE
        reply = await client.messages.create(model="m", max_tokens=9, messages=HELLO)
        assert reply.content[0].text == WHOLE
        standin.acts = [Act(status=529)]
        with pytest.raises(anthropic.APIStatusError):
            await client.messages.create(model="m", max_tokens=9, messages=HELLO)


async def test_gemini() -> None:
    genai = pytest.importorskip("google.genai")
    async with serve(FAMILIES["gemini"]) as standin:
        options = genai.types.HttpOptions(base_url=standin.url)
        client = genai.Client(api_key="k", http_options=options)
        stream = await client.aio.models.generate_content_stream(model="m", contents="x")
        pieces = [chunk.text or "" async for chunk in stream]
        reply = await client.aio.models.generate_content(model="m", contents="x")
        await client.aio.aclose()
    assert ("".join(pieces), reply.text) == (WHOLE, WHOLE)


async def test_cohere() -> None:
    cohere = pytest.importorskip("cohere")
    async with serve(FAMILIES["cohere"]) as standin:
        client = cohere.AsyncClientV2(api_key="k", base_url=standin.url)
        pieces = [
            event.delta.message.content.text
            async for event in client.chat_stream(model="m", messages=HELLO)
            if event.type == "content-delta"
        ]
        reply = await client.chat(model="m", messages=HELLO)
    assert ("".join(pieces), reply.message.content[0].text) == (WHOLE, WHOLE)


async def test_mistral() -> None:
    client_module = pytest.importorskip("mistralai.client")
    async with (
        serve(FAMILIES["openai-chat"]) as standin,
        client_module.Mistral(api_key="k", server_url=standin.url) as client,
    ):
        stream = await client.chat.stream_async(model="m", messages=HELLO)
        events = [event.data.choices async for event in stream]
    pieces = [choices[0].delta.content or "" for choices in events if choices]
    assert "".join(pieces) == WHOLE


def claude_cases() -> list[Any]:
    spec = CATALOG.get("anthropic")
    models = ("claude-3-5-haiku-latest", "claude-3-7-sonnet-latest", "claude-opus-4-8")
    return [
        pytest.param(spec, request, id=f"{model}-{name}")
        for model in models
        for name, request in requests(spec, Kind.CHAT, model).items()
    ]


@pytest.mark.parametrize(("spec", "request_"), claude_cases())
def test_claudes_bodies_have_the_sdks_types(spec: Spec, request_: Any) -> None:
    params = pytest.importorskip("anthropic.types.message_create_params")
    body = ours_anthropic.messages_body(spec, request_)
    streaming = params.MessageCreateParamsStreaming
    kind = streaming if body["stream"] else params.MessageCreateParamsNonStreaming
    # The SDK no longer types the samplers that only the older families take.
    known = set(typing.get_type_hints(kind)) | {"temperature", "top_p", "top_k"}
    assert set(body) - known == set()
    TypeAdapter(kind).validate_python(body)


def cohere_cases() -> list[Any]:
    spec = CATALOG.get("cohere")
    return [
        pytest.param(spec, request, id=f"{model}-{name}")
        for model in ("command-a-03-2025", "command-a-reasoning-08-2025")
        for name, request in requests(spec, Kind.CHAT, model).items()
    ]


@pytest.mark.parametrize(("spec", "request_"), cohere_cases())
def test_coheres_bodies_have_the_sdks_names(spec: Spec, request_: Any) -> None:
    cohere = pytest.importorskip("cohere")
    body = ours_cohere.chat_body(spec, request_)
    known = set(inspect.signature(cohere.ClientV2.chat).parameters) | {"stream"}
    assert set(body) - known == set()
    for message in body["messages"]:
        model = {
            "system": cohere.SystemChatMessageV2,
            "user": cohere.UserChatMessageV2,
            "assistant": cohere.AssistantChatMessageV2,
        }[message["role"]]
        TypeAdapter(model).validate_python(message)
