"""Which tokenizer counts for which backend and model, by which rule."""

from typing import Any

from tests.e2e.formatting.conftest import (
    Shelve,
    Stand,
    counted,
    counts,
    golden,
    shown,
)
from tests.e2e.tavern.tavern import Tavern

NUMBERS = ("en", "ja", "story")


async def use(chat: Tavern, stand: Stand, backend: str, protocol: str, **options: Any) -> None:
    """Connects a backend to a stand-in that knows no token route."""
    server = await stand(protocol)
    await chat.run("connect use", backend=backend, url=server.url, **options)


async def test_the_servers_own_tokenizer_else_llama(
    chat: Tavern, stand: Stand, shelve: Shelve
) -> None:
    shelve("llama")
    server = await stand("llamacpp", {"/tokenize": {"tokens": list(range(77))}})
    await chat.run("connect use", backend="llamacpp", url=server.url)
    assert "the server's own (counted by the server)" in await shown(chat)
    assert await counted(chat, "Hello!") == 77
    await use(chat, stand, "openai-compatible", "openai-text", model="m", kind="text")
    assert "Llama 1/2 (fallback" in await shown(chat)
    assert await counts(chat, *NUMBERS) == golden("llama", *NUMBERS)
