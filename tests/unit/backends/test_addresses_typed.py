"""Addresses as people paste them."""

import pytest

from core.backends.api_client import stored_url
from core.backends.catalog import Catalog

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
