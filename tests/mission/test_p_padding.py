"""Token padding: kept free where counts are estimates."""

import pytest

from tests.e2e.formatting.conftest import budget, page, prompt_of, stored
from tests.e2e.formatting.test_padding import LINES, TEXT, kept
from tests.e2e.tavern.cards import document
from tests.e2e.tavern.tavern import Tavern
from tests.mission.conftest import Connect, talk
from tests.mission.test_a_concepts import bring

CONTEXT, REPLY = 2048, 200
CHARACTER = "Nora keeps the lighthouse."


@pytest.fixture
async def long(tavern: Tavern) -> Tavern:
    """A story far longer than the context, a card without examples; nobody has been answered."""
    await bring(tavern, "character import", document("Nora", description=CHARACTER))
    await tavern.run("chat start", character="Nora", mode="mention")
    for line in range(LINES):
        tavern.ann.send(tavern.room, f"{line}: {TEXT}")
    await stored(tavern, LINES + 1)
    return tavern


async def sent(chat: Tavern, connect: Connect, padding: int = 64) -> tuple[str, str]:
    """The prompt as the command shows it and as the server got it, where the estimate counts."""
    server = await connect("mancer", model="m", kind="text")
    await chat.run("connect context", size=CONTEXT, reply=REPLY)
    await chat.run("connect tokenizer", set="none")
    await chat.run("connect padding", tokens=padding)
    shown = await prompt_of(chat)
    await chat.run("chat mode", answer="every")
    body = await talk(chat, server, "Aye.", said="Well?")
    await chat.run("chat mode", answer="mention")
    return shown, body["prompt"]


async def test_p2_only_chat_is_dropped(long: Tavern, connect: Connect) -> None:
    shown, body = await sent(long, connect)
    for prompt in (shown, body):
        assert CHARACTER in prompt
        found = kept(prompt)
        assert found == list(range(LINES - len(found), LINES))
        assert 0 < len(found) < LINES


async def test_p4_more_padding_drops_exactly_the_oldest(long: Tavern, connect: Connect) -> None:
    before, _ = await sent(long, connect)
    await long.run("connect padding", tokens=512)
    after = await prompt_of(long)
    gone = set(kept(before)) - set(kept(after))
    assert gone == set(kept(before)[: len(gone)]) != set()


async def test_p6_padding_does_not_apply_to_openai(chat: Tavern, connect: Connect) -> None:
    server = await connect("openai", model="gpt-4o")
    before, body = await prompt_of(chat), await talk(chat, server, "One.")
    told = await chat.run("connect padding", tokens=500)
    assert "not used" in told
    assert "not used" in (await page(chat))["Token padding"]
    assert "padding 0" in await budget(chat)
    await chat.run("chat undo")
    await chat.until(lambda: len(chat.said()) == 1)
    assert await prompt_of(chat) == before
    assert await talk(chat, server, "Two.") == body
