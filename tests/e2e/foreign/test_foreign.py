"""The unchanged product serves a Discord it has never met."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.foreign.model import Model
from tests.e2e.foreign.person import Ada
from tests.e2e.foreign.process import Process
from tests.e2e.foreign.server import Json, Server
from tests.e2e.tavern.cards import painted_card

GREETING = "Oda wipes the counter. What will it be, Ada?"


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server().running() as made:
        yield made


@pytest.fixture
def ada(server: Server) -> Ada:
    return Ada(server)


@pytest.fixture
def process(server: Server, tmp_path: Path) -> Process:
    return Process(server, tmp_path)


def shown(server: Server, channel: str | None = None) -> list[Json]:
    """What the bot and its characters have on the screen, oldest first."""
    messages = server.messages[channel or server.channel_id].values()
    return [one for one in messages if one["author"]["id"] != server.owner["id"]]


def labels(message: Json) -> list[str]:
    return [one.get("label", "") for row in message["components"] for one in row["components"]]


async def finished(server: Server, count: int, channel: str | None = None) -> Json:
    """The newest message once there are `count` and it has the buttons of a reply."""

    def newest() -> Json | None:
        found = shown(server, channel)
        done = len(found) == count and "Regenerate" in labels(found[-1])
        return found[-1] if done else None

    try:
        found: Json = await server.until(newest)
    except TimeoutError:
        seen = [(one["content"][:200], labels(one)) for one in shown(server, channel)]
        raise AssertionError(f"on the screen: {seen}") from None
    return found


async def opened(ada: Ada, channel: str | None = None) -> Json:
    """Oda is imported from a picture and greets."""
    card = painted_card("Oda", first_mes="Oda wipes the counter. What will it be, {{user}}?")
    told = await ada.told(await ada.runs("character import", channel, file=card))
    assert "Oda" in told["content"]
    token = await ada.runs("chat start", channel, character="Oda")
    greeting = await finished(ada.server, 1, channel)
    await ada.server.until(lambda: not ada.server.private.get(token, {}).get("thinking"))
    return greeting


async def test_a_character_talks_through_its_webhook(
    server: Server, ada: Ada, process: Process
) -> None:
    async with process.running():
        names = {one["name"] for one in server.commands}
        assert {"chat", "character", "persona", "connect", "lorebook"} <= names
        greeting = await opened(ada)
        assert greeting["content"] == GREETING
        assert greeting["author"]["username"] == "Oda"
        assert greeting["webhook_id"] in server.webhooks

        await ada.says("A cider, and tell me of the long winter, please.")
        reply = await finished(server, 2)
        assert reply["author"]["username"] == "Oda"
        texts = list(dict.fromkeys(server.edits[reply["id"]]))
        assert len(texts) > 1, "the reply did not grow"
        assert all(len(early) < len(texts[-1]) for early in texts[:-1])
        assert labels(greeting) == []

        await ada.presses(reply, "Regenerate")
        await server.until(lambda: "2/2" in labels(reply))
        second = reply["content"]
        await ada.presses(reply, "◀")
        await server.until(lambda: "1/2" in labels(reply))
        assert reply["content"] == texts[-1] != second


async def test_the_persona_of_a_form_is_spoken_to(
    server: Server, ada: Ada, process: Process
) -> None:
    async with process.running():
        form = await ada.modal(await ada.runs("persona new"))
        token = await ada.submits(form, name="Rosalind", description="A tall ranger.")
        assert "Rosalind" in (await ada.told(token))["content"]
        greeting = await opened(ada)
        assert greeting["content"] == GREETING.replace("Ada", "Rosalind")


async def test_a_direct_conversation_needs_no_webhook(
    server: Server, ada: Ada, process: Process
) -> None:
    async with process.running():
        greeting = await opened(ada, server.dm_id)
        assert greeting["content"] == f"**Oda**\n{GREETING}"
        assert "webhook_id" not in greeting
        await ada.says("Only you and me, then.", server.dm_id)
        reply = await finished(server, 2, server.dm_id)
        assert reply["content"].startswith("**Oda**\n")
        assert not server.webhooks


async def test_a_restart_keeps_story_and_buttons(
    server: Server, ada: Ada, process: Process
) -> None:
    async with process.running():
        await opened(ada)
        await ada.says("My horse is called Bramble.")
        reply = await finished(server, 2)
    first = reply["content"]
    synced = [verb for verb, path, _ in server.log if verb == "PUT" and path.endswith("commands")]
    async with process.running():
        await ada.presses(reply, "Regenerate")
        await server.until(lambda: "2/2" in labels(reply))
        await ada.presses(reply, "◀")
        await server.until(lambda: "1/2" in labels(reply))
        assert reply["content"] == first
        await ada.says("What is my horse called?")
        later = await finished(server, 3)
        assert later["webhook_id"] == reply["webhook_id"], "the webhook was found again"
        preview = await ada.told(await ada.runs("chat prompt"))
        assert preview["embeds"]
    again = [verb for verb, path, _ in server.log if verb == "PUT" and path.endswith("commands")]
    assert len(synced) == len(again) == 1, "commands are told once"


async def test_a_broken_connection_is_taken_up_again(
    server: Server, ada: Ada, process: Process
) -> None:
    async with process.running():
        await opened(ada)
        (socket,) = server.sockets
        server.sockets.clear()
        await ada.says("Are you still there?")
        await socket.close(code=4000)
        await server.until(lambda: server.resumed == 1)
        await finished(server, 2)
        assert server.identified == 1


async def test_an_operators_server_answers(server: Server, ada: Ada, tmp_path: Path) -> None:
    async with Model("The ", "door ", "is ", "open, ", "traveller.").running() as model:
        house = {"name": "House", "backend": "openai-compatible", "url": model.url,
                 "model": "plain-1", "default": True}  # fmt: skip
        async with Process(server, tmp_path, house).running():
            await opened(ada)
            await ada.says("Is anybody in?")
            reply = await finished(server, 2)
            assert reply["content"] == "The door is open, traveller."
            assert len(server.edits[reply["id"]]) > 1
            assert any("Is anybody in?" in str(one) for one in model.asked[0]["messages"])


async def test_a_second_process_on_the_same_database_says_so(
    server: Server, process: Process
) -> None:
    async with process.running():
        second = await process.start()
        _, said = await second.communicate()
        errors = [line for line in said.decode().splitlines() if line.startswith("error:")]
        assert second.returncode == 1
        assert len(errors) == 1
        assert "Traceback" not in said.decode()
        assert server.identified == 1
