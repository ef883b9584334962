"""Addresses as people paste them."""

import pytest

from bot.wording.errors import explain
from core.backends.api_client import stored_url
from core.backends.catalog import Catalog
from core.errors import InvalidUrl
from core.reasons import Reason

SPEC = Catalog.load().rows["koboldcpp"]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("quiet-lake.trycloudflare.com", "https://quiet-lake.trycloudflare.com"),
        ("quiet-lake.trycloudflare.com/api", "https://quiet-lake.trycloudflare.com"),
        ("127.0.0.1:5001", "http://127.0.0.1:5001"),
        ("localhost:5001", "http://localhost:5001"),
        ("localhost", "http://localhost"),
        ("attic.local", "http://attic.local"),
        ("kobold.example.org:5001", "http://kobold.example.org:5001"),
        ("http://plain.example.org", "http://plain.example.org"),
        ("https://lite.koboldai.net/?local=http://127.0.0.1:5001", "http://127.0.0.1:5001"),
        (
            "https://lite.koboldai.net/?streaming=1&local=https%3A%2F%2Fa.trycloudflare.com%2F#x",
            "https://a.trycloudflare.com",
        ),
    ],
)
def test_H4_what_is_meant_is_stored(typed: str, stored: str) -> None:
    assert stored_url(SPEC, typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "sk-1234567890abcd",
        "sk-or-v1-0123456789abcdef0123456789abcdef",
        "sk-proj-abcdefghijklmnopqrst",
        "gsk_abcdEFGH12345678",
        "AIzaSyA1234567890abcdefghijk",
        "hf_abcdefghijklmnopqrstuv",
        "0123456789abcdef0123456789abcdef",
        "abCD1234efGH5678ijKL",
        "550e8400-e29b-41d4-a716-446655440000",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx.abc-def",
        "http://sk-or-v1-0123456789abcdef",
        "Bearer sk-abc1234567890",
        "https://api.openai.com/v1/sk-abc1234567890",
    ],
)
def test_a_key_is_no_address_and_is_not_repeated(typed: str) -> None:
    with pytest.raises(InvalidUrl) as refused:
        stored_url(SPEC, typed)
    assert refused.value.reason is Reason.ADDRESS_IS_KEY
    assert not refused.value.facts
    assert explain(refused.value) == (
        "That address can't be used. It looks like a key; keys go into `/connect key`."
    )


@pytest.mark.parametrize(
    "typed",
    [
        "text-generation-webui-docker",
        "my-text-generation-inference-2",
        "http://f3a9c1d2e4b5:5000",
        "0123456789abcdef0123456789abcdef:5000",
        "sk-server",
        "sk-abc1234567890:5000",
        "https://sk-abc1234567890.ngrok.app",
        "https://abc123def456abc123def456-5001.proxy.runpod.net",
        "https://gateway.example.org/v1/0123456789abcdef0123456789abcdef/openai",
    ],
)
def test_a_long_name_of_a_machine_is_an_address(typed: str) -> None:
    assert stored_url(SPEC, typed).startswith("http")
