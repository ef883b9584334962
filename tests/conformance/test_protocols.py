"""What only one server does: side questions, accounts, versions."""

import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from core.backends.backend import Backend
from core.backends.catalog import Catalog
from core.backends.http import Http
from core.backends.spec import Spec
from core.backends.types import Delta, Finish, Request, WireMessage
from core.errors import KeyRejected
from core.kind import Kind
from core.network import AddressClass
from core.secret import Secret
from tests.conformance.families import FAMILIES
from tests.conformance.standin import TEXT, Act, StandIn, serve

CATALOG = Catalog.load()
KEY = Secret("key-of-this-test-0123456789")


@asynccontextmanager
async def playing(
    backend: str | Spec, kind: Kind, answers: dict[str, Any] | None = None, key: Secret = KEY
) -> AsyncIterator[tuple[StandIn, Backend]]:
    """A row and the stand-in that plays its server."""
    spec = CATALOG.get(backend) if isinstance(backend, str) else backend
    async with (
        serve(FAMILIES[spec.kinds[kind]], answers) as standin,
        Http(reach=AddressClass.PRIVATE) as http,
    ):
        if spec.key.token_url:
            key_spec = spec.key.model_copy(update={"token_url": f"{standin.url}/token"})
            spec = spec.model_copy(update={"key": key_spec})
        yield standin, CATALOG.create(spec, kind, http, standin.url, key)


async def collect(backend: Backend, request: Request) -> list[Delta]:
    async with aclosing(backend.stream(request)) as deltas:
        return [delta async for delta in deltas]


def text_of(deltas: list[Delta]) -> str:
    return "".join(delta.text for delta in deltas)


TEXT_REQUEST = Request(Kind.TEXT, "m", prompt="Mira:", stop=("\nTobin:",))
CHAT_REQUEST = Request(Kind.CHAT, "m", messages=(WireMessage("user", "Hello."),))


PROBES: list[tuple[str, Kind, dict[str, Any], tuple[str, int | None]]] = [
    ("koboldcpp", Kind.TEXT, {
        "/api/extra/version": {"result": "KoboldCpp", "version": "1.102", "vision": True},
        "/api/v1/model": {"result": "koboldcpp/mira.Q6_K"},
        "/api/extra/true_max_context_length": {"value": 4096},
    }, ("koboldcpp/mira.Q6_K", 4096)),
    ("koboldcpp", Kind.CHAT, {
        "/api/extra/version": {"result": "KoboldCpp", "version": "1.76"},
        "/api/v1/model": {"result": "koboldcpp/inactive"},
    }, ("", None)),
    ("llamacpp", Kind.TEXT, {
        "/v1/models": {"data": [{"id": "mira.gguf", "meta": {"n_ctx": 4096}}]},
        "/props": {"default_generation_settings": {"n_ctx": 2048}, "total_slots": 2,
                   "chat_template": "{{ x }}\u0000", "build_info": "b1"},
    }, ("mira.gguf", 2048)),
    ("ollama", Kind.CHAT, {
        "/api/version": {"version": "0.9"},
        "/api/ps": {"models": [{"name": "mira:12b", "context_length": 4096}]},
        "/api/show": {"model_info": {"llama.context_length": 131072},
                      "capabilities": ["completion", "vision"]},
    }, ("mira:12b", 131072)),
    ("tabby", Kind.TEXT, {
        "/v1/model": {"id": "mira-exl2", "parameters": {"max_seq_len": 16384}},
    }, ("mira-exl2", 16384)),
    ("textgenwebui", Kind.TEXT, {
        "/v1/internal/model/info": {"model_name": "mira-gptq", "loader": "x"},
    }, ("mira-gptq", None)),
    ("lmstudio", Kind.CHAT, {
        "/api/v0/models": {"data": [{"id": "mira", "state": "loaded", "type": "vlm",
                                     "loaded_context_length": 4096, "max_context_length": 9}]},
    }, ("mira", 4096)),
    ("vllm", Kind.CHAT, {"/v1/models": {"data": [{"id": "mira", "max_model_len": 8192}]}},
     ("mira", 8192)),
    ("koboldai", Kind.TEXT, {"/api/v1/model": {"result": "old"}}, ("old", 2048)),
    ("anthropic", Kind.CHAT, {
        "/v1/models": {"data": [{"id": "m", "display_name": "M", "max_input_tokens": 200000}]},
    }, ("m", 200000)),
    ("gemini", Kind.CHAT, {
        "/v1beta/models": {"models": [{"name": "models/m", "inputTokenLimit": 1048576,
                                       "supportedGenerationMethods": ["generateContent"]},
                                      {"name": "models/e",
                                       "supportedGenerationMethods": ["embedContent"]}]},
    }, ("m", 1048576)),
    ("cohere", Kind.CHAT, {
        "/v1/models": {"models": [{"name": "m", "context_length": 256000}]},
    }, ("m", 256000)),
]  # fmt: skip


@pytest.mark.parametrize(("backend", "kind", "answers", "expected"), PROBES)
async def test_servers_tell_their_model_and_real_context(
    backend: str, kind: Kind, answers: dict[str, Any], expected: tuple[str, int | None]
) -> None:
    async with playing(backend, kind, answers) as (_, found):
        probe = await found.probe("" if CATALOG.get(backend).local else "m")
    assert (probe.model, probe.context_size) == expected


async def test_a_model_named_is_looked_up_among_several() -> None:
    listed = {"data": [{"id": "a"}, {"id": "b/c"}]}
    props = {"default_generation_settings": {"n_ctx": 2048}}
    async with playing("llamacpp", Kind.TEXT, {"/models": listed, "/props": props}) as pair:
        standin, found = pair
        assert (await found.probe("b/c")).model == "b/c"
        assert standin.heard[-1].query == {"model": "b/c"}
    native = [
        {"id": "e", "state": "loaded", "type": "embeddings"},
        {"id": "a", "state": "loaded", "loaded_context_length": 4096, "type": "llm"},
        {"id": "b", "state": "not-loaded", "max_context_length": 8192, "type": "llm"},
    ]
    async with playing("lmstudio", Kind.CHAT, {"/api/v0/models": {"data": native}}) as (_, found):
        assert ((await found.probe()).model, (await found.probe()).context_size) == ("a", 4096)
        assert ((await found.probe("b")).model, (await found.probe("b")).context_size) == (
            "b",
            8192,
        )


async def test_a_list_of_endless_pages_has_an_end() -> None:
    endless = {"models": [], "nextPageToken": "half \ud83d"}
    async with playing("gemini", Kind.CHAT, {"/v1beta/models": endless}) as (standin, found):
        assert await found.models() == []
    assert len(standin.heard) < 10


Answer = Callable[[Any], Any]
COUNTS: list[tuple[str, str, Answer]] = [
    ("koboldcpp", "/api/extra/tokencount", lambda body: {"value": len(body["prompt"])}),
    ("llamacpp", "/tokenize", lambda body: {"tokens": list(range(len(body["content"])))}),
    ("textgenwebui", "/v1/internal/token-count", lambda body: {"length": len(body["text"])}),
    ("textgenwebui-legacy", "/api/v1/token-count",
     lambda body: {"results": [{"tokens": len(body["prompt"])}]}),
    ("tabby", "/v1/token/encode", lambda body: {"length": len(body["text"])}),
    ("vllm", "/tokenize", lambda body: {"count": len(body["prompt"])}),
    ("aphrodite", "/v1/tokenize", lambda body: {"count": len(body["prompt"])}),
    ("cohere", "/v1/tokenize", lambda body: {"tokens": list(range(len(body["text"])))}),
]  # fmt: skip


@pytest.mark.parametrize(("backend", "path", "answer"), COUNTS)
async def test_servers_count_tokens(backend: str, path: str, answer: Answer) -> None:
    kind = CATALOG.get(backend).default_kind
    async with playing(backend, kind, {path: answer}) as (_, found):
        assert await found.count(["abc", "", "abcdef", "a" * 20], "m") == [3, 0, 6, 20]


async def test_koboldcpps_length_may_be_a_stop() -> None:
    perf = {"/api/extra/perf": {"stop_reason": 2, "last_token_count": 12}}
    async with playing("koboldcpp", Kind.TEXT, perf) as (standin, backend):
        standin.acts = [Act(finish="length")]
        last = (await collect(backend, TEXT_REQUEST))[-1]
    assert last.finish is Finish.STOP
    assert last.usage is not None
    assert last.usage.reply_tokens == 12


async def test_koboldcpps_null_is_no_answer() -> None:
    async with playing("koboldcpp", Kind.TEXT) as (standin, backend):
        standin.acts = [Act(body=b"null", content_type="application/json")]
        with pytest.raises(Exception, match="unexpected_shape"):
            await collect(backend, TEXT_REQUEST)


@pytest.mark.parametrize(("version", "sent"), [("1.2.2", True), ("1.2.5", True), ("1.2.1", False)])
async def test_old_koboldai_gets_no_stop_strings_but_they_are_cut(version: str, sent: bool) -> None:
    answers = {"/api/v1/info/version": {"result": version}}
    async with playing("koboldai", Kind.TEXT, answers) as (standin, backend):
        standin.acts = [Act(pieces=["Come in.", "\nTobin: thanks"])]
        assert text_of(await collect(backend, TEXT_REQUEST)) == "Come in."
    assert ("stop_sequence" in standin.replies[0].body) is sent
    assert standin.replies[0].body["max_context_length"] == 2048


@pytest.mark.parametrize("backend", ["openai", "anthropic", "deepseek", "cohere", "mistral"])
async def test_a_vendor_is_not_asked_without_the_key_it_wants(backend: str) -> None:
    spec = CATALOG.get(backend)

    async def nobody(*_: Any) -> Any:
        raise AssertionError("the vendor was looked up")

    async with Http(lookup=nobody) as http:
        made = CATALOG.create(spec, Kind.CHAT, http, spec.endpoint.url, Secret())
        with pytest.raises(KeyRejected) as caught:
            await collect(made, CHAT_REQUEST)
    assert caught.value.facts["where"] == spec.name


async def test_a_stop_string_in_a_thought_cuts_nothing() -> None:
    answers = {"/api/v1/info/version": {"result": "1.2.1"}}
    async with playing("koboldai", Kind.TEXT, answers) as (standin, backend):
        standin.acts = [Act(pieces=["<think>He?\nTobin: hm</think>Come in.\nTobin: thanks"])]
        told = text_of(await collect(backend, TEXT_REQUEST))
    assert told == "<think>He?\nTobin: hm</think>Come in."


async def test_llamacpp_repeats_the_prefill_and_we_cut_it() -> None:
    request = Request(
        Kind.CHAT, "m", prefill=True,
        messages=(WireMessage("user", "Hello."), WireMessage("assistant", "She says")),
    )  # fmt: skip
    async with playing("llamacpp", Kind.CHAT) as (standin, backend):
        standin.acts = [Act(pieces=["She", " says", " hello."])]
        assert text_of(await collect(backend, request)) == " hello."


async def test_deepseek_is_continued_at_another_address() -> None:
    request = Request(
        Kind.CHAT, "deepseek-chat", prefill=True,
        messages=(WireMessage("user", "Hello."), WireMessage("assistant", "She")),
    )  # fmt: skip
    async with playing("deepseek", Kind.CHAT) as (standin, backend):
        await collect(backend, request)
        await collect(backend, CHAT_REQUEST)
    assert [heard.path for heard in standin.replies] == [
        "/beta/chat/completions",
        "/chat/completions",
    ]


@pytest.mark.parametrize(
    ("backend", "header", "value"),
    [
        ("openai", "authorization", f"Bearer {KEY.reveal()}"),
        ("anthropic", "x-api-key", KEY.reveal()),
        ("gemini", "x-goog-api-key", KEY.reveal()),
        ("tabby", "authorization", f"Bearer {KEY.reveal()}"),
        ("mancer", "x-api-key", KEY.reveal()),
        ("vertex", "x-goog-api-key", KEY.reveal()),
    ],
)
async def test_keys_travel_in_the_right_header_and_never_in_the_address(
    backend: str, header: str, value: str
) -> None:
    kind = CATALOG.get(backend).default_kind
    request = TEXT_REQUEST if kind is Kind.TEXT else CHAT_REQUEST
    async with playing(backend, kind) as (standin, found):
        await collect(found, request)
    assert standin.replies[0].headers[header] == value
    assert KEY.reveal() not in standin.replies[0].path


def account() -> tuple[Secret, rsa.RSAPublicKey]:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    document = {
        "type": "service_account", "project_id": "tavern-1", "private_key_id": "k1",
        "private_key": pem.decode(), "client_email": "bot@tavern-1.iam.example",
        "token_uri": "https://evil.example/token",
    }  # fmt: skip
    return Secret(json.dumps(document)), private.public_key()


def part(text: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


async def test_vertex_signs_for_a_token_once_and_renews_it() -> None:
    key, public = account()
    tokens = iter(["token-one-12345", "token-two-12345"])
    answers = {"/token": lambda _: {"access_token": next(tokens), "expires_in": 3599}}
    async with playing("vertex", Kind.CHAT, answers, key) as (standin, backend):
        assert text_of(await collect(backend, CHAT_REQUEST)) == "".join(TEXT)
        assert text_of(await collect(backend, CHAT_REQUEST)) == "".join(TEXT)
        asked = [heard.body for heard in standin.heard if heard.path == "/token"]
        assert len(asked) == 1
        standin.acts = [Act(status=401), Act()]
        assert text_of(await collect(backend, CHAT_REQUEST)) == "".join(TEXT)
    header, claims, signature = asked[0]["assertion"].split(".")
    public.verify(
        base64.urlsafe_b64decode(signature + "=="),
        f"{header}.{claims}".encode(),
        padding.PKCS1v15(),
        hashes.SHA256(),
    )
    assert part(claims)["iss"] == "bot@tavern-1.iam.example"
    assert [heard.headers["authorization"] for heard in standin.replies] == [
        "Bearer token-one-12345",
        "Bearer token-one-12345",
        "Bearer token-one-12345",
        "Bearer token-two-12345",
    ]
    assert standin.replies[0].path == (
        "/v1/projects/tavern-1/locations/global/publishers/google/models/m:streamGenerateContent"
    )
    assert "PRIVATE" not in json.dumps([heard.body for heard in standin.heard])


async def test_a_broken_service_account_is_told() -> None:
    key = Secret('{"project_id": "x", "private_key": "nonsense", "client_email": "a@b"}')
    async with playing("vertex", Kind.CHAT, {}, key) as (_, backend):
        with pytest.raises(KeyRejected):
            await collect(backend, CHAT_REQUEST)


@pytest.mark.parametrize(
    ("tier", "context", "reply"), [(1, 4096, 150), (2, 8192, 150), (3, 8192, 250)]
)
async def test_novelais_tier_decides(tier: int, context: int, reply: int) -> None:
    async with playing("novelai", Kind.TEXT, {"/user/subscription": {"tier": tier}}) as pair:
        standin, backend = pair
        probe = await backend.probe("kayra-v1")
        assert probe.context_size == context
        await collect(backend, Request(Kind.TEXT, "kayra-v1", prompt="x", max_tokens=400))
    assert standin.replies[0].body["parameters"]["max_length"] == reply


async def test_a_list_elsewhere_gets_no_key() -> None:
    async with serve(FAMILIES["openai-chat"], {"/text/models": [{"name": "openai"}]}) as other:
        spec = CATALOG.get("pollinations")
        async with playing(spec, Kind.CHAT) as (standin, backend):
            endpoint = spec.endpoint.model_copy(update={"url": standin.url})
            models = spec.models.model_copy(update={"list_url": f"{other.url}/text/models"})
            elsewhere = spec.model_copy(update={"endpoint": endpoint, "models": models})
            found = CATALOG.create(elsewhere, Kind.CHAT, backend.http, standin.url, KEY)
            assert [model.id for model in await found.models()] == ["openai"]
        assert "authorization" not in other.heard[0].headers
