"""Rate limits and faults, as the real client meets them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import discord
import pytest

from bot.playground import Playground
from bot.playground.rules.limits import Profile, Rule
from tests.e2e.playground.helpers import Client, eventually, point, running
from tests.e2e.playground.test_messages import place
from tests.e2e.playground.wire import Wire


@pytest.fixture
async def busy(
    monkeypatch: pytest.MonkeyPatch, check_log: Callable[[Playground], None]
) -> AsyncIterator[Playground]:
    """A playground with the limits people observed at Discord."""
    async with Playground.open(limits="realistic") as playground:
        point(monkeypatch, playground)
        yield playground
    check_log(playground)


@pytest.fixture
async def wire(busy: Playground) -> AsyncIterator[Wire]:
    async with aiohttp.ClientSession() as session:
        yield Wire(session, busy)


async def test_five_edits_share_a_channels_bucket(wire: Wire, busy: Playground) -> None:
    path = f"/channels/{busy.channel('tavern').id}/messages"
    ids = [(await wire("POST", path, {"content": str(each)}))[1]["id"] for each in range(2)]
    for number in range(5):
        status, _ = await wire("PATCH", f"{path}/{ids[number % 2]}", {"content": "x"})
        assert status == 200
        assert wire.headers["x-ratelimit-limit"] == "5"
        assert wire.headers["x-ratelimit-remaining"] == str(4 - number)
    status, answer = await wire("PATCH", f"{path}/{ids[0]}", {"content": "x"})
    assert status == 429
    assert 0 < answer["retry_after"] <= 5
    assert answer["global"] is False
    assert wire.headers["x-ratelimit-scope"] == "user"
    assert {"x-ratelimit-bucket", "x-ratelimit-reset", "x-ratelimit-reset-after", "via"} <= set(
        wire.headers
    )
    other = f"/channels/{busy.channel('campfire').id}/messages"
    _, elsewhere = await wire("POST", other, {"content": "free"})
    assert (await wire("PATCH", f"{other}/{elsewhere['id']}", {"content": "y"}))[0] == 200
    busy.advance(5)
    assert (await wire("PATCH", f"{path}/{ids[0]}", {"content": "x"}))[0] == 200


async def test_the_hidden_webhook_limit_belongs_to_the_channel(
    wire: Wire, busy: Playground
) -> None:
    tavern = busy.channel("tavern")
    hooks = []
    for name in ("One", "Two"):
        _, hook = await wire("POST", f"/channels/{tavern.id}/webhooks", {"name": name})
        hooks.append(f"/webhooks/{hook['id']}/{hook['token']}")
    for number in range(30):
        if number % 5 == 0:
            busy.advance(2)
        assert (await wire("POST", hooks[number % 2], {"content": "x"}))[0] == 204
    busy.advance(2)
    status, answer = await wire("POST", hooks[0], {"content": "x"})
    assert status == 429
    assert int(wire.headers["x-ratelimit-remaining"]) > 0
    assert 30 < answer["retry_after"] < 60


async def test_the_global_limit_spares_interactions(wire: Wire, busy: Playground) -> None:
    answers = [await wire("GET", "/users/@me") for _ in range(51)]
    refused = [answer for status, answer in answers if status == 429]
    assert refused
    assert refused[0]["global"] is True
    assert wire.headers["x-ratelimit-global"] == "true"
    assert (await wire("GET", "/webhooks/1/x"))[1]["code"] == 10015


async def test_the_client_waits_before_the_bucket_is_empty(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """discord.py holds its requests back by the headers, so that no 429 happens."""
    async with Playground.open() as playground:
        rule = Rule(r"^PATCH /channels/(\d+)/messages/\d+$", 2, 0.2)
        playground.simulation.limits.profile = Profile((rule,))
        point(monkeypatch, playground)
        client = Client()
        async with running(client, playground.token):
            message = await place(client, "tavern").send("0")
            for number in range(7):
                await message.edit(content=str(number))
        statuses = {line["status"] for line in playground.log.find("PATCH")}
        assert statuses == {200}


@pytest.mark.parametrize("scope", ["user", "shared", "global"])
async def test_a_429_is_waited_out(client: Client, playground: Playground, scope: str) -> None:
    playground.fault("^POST /channels", "limit", scope=scope, retry_after=0.05, count=2)
    await place(client, "tavern").send("through")
    statuses = [line["status"] for line in playground.log.find("POST")]
    assert statuses == [429, 429, 200]
    assert playground.log.invalid == 2


async def test_an_edge_ban_is_no_common_429(client: Client, playground: Playground) -> None:
    playground.fault("^POST /channels", "edge")
    with pytest.raises(discord.HTTPException) as caught:
        await place(client, "tavern").send("blocked")
    assert caught.value.status == 429
    assert "1015" in caught.value.text


async def test_server_errors(client: Client, playground: Playground) -> None:
    playground.fault("^POST /channels", "error", status=503)
    with pytest.raises(discord.DiscordServerError):
        await place(client, "tavern").send("down")
    playground.fault("^GET /channels", "error", code=50001)
    with pytest.raises(discord.Forbidden) as caught:
        await client.fetch_channel(int(playground.channel("tavern").id))
    assert caught.value.code == 50001


async def test_a_connection_dropped_before_and_after(
    client: Client, playground: Playground
) -> None:
    tavern = playground.channel("tavern")
    playground.fault("^POST /channels", "drop")
    with pytest.raises(aiohttp.ClientError):
        await place(client, "tavern").send("never arrives")
    assert playground.messages(tavern) == []
    playground.fault("^POST /channels", "drop_after")
    with pytest.raises(aiohttp.ClientError):
        await place(client, "tavern").send("arrives unnoticed", nonce="n1")
    assert [each["content"] for each in playground.messages(tavern)] == ["arrives unnoticed"]
    again = await place(client, "tavern").send("arrives unnoticed", nonce="n1")
    assert str(again.id) == playground.messages(tavern)[0]["id"]
    assert len(playground.messages(tavern)) == 1


async def test_slow_answers(client: Client, playground: Playground) -> None:
    tavern = playground.channel("tavern")
    fault = playground.fault("^POST /channels", "lag", seconds=0.2)
    sending = asyncio.create_task(place(client, "tavern").send("slow"))
    await playground.wait_for(lambda: playground.messages(tavern))
    assert not sending.done()
    await sending
    assert fault.hits == 1
    playground.fault("^POST /channels", "delay", seconds=0.2)
    sending = asyncio.create_task(place(client, "tavern").send("slower"))
    await eventually(lambda: playground.simulation.faults.rules[-1].hits == 1)
    assert len(playground.messages(tavern)) == 1
    await sending


async def test_rules_are_counted_skipped_and_seeded(playground: Playground) -> None:
    faults = playground.simulation.faults
    fault = playground.fault("^GET /x", "error", count=2, skip=1)
    struck = [faults.find("GET /x") is fault for _ in range(4)]
    assert struck == [False, True, True, False]
    playground.clear_faults()
    faults.mix(7, 0.3)
    first = [_name(faults.find("PATCH /channels/1/messages/2")) for _ in range(50)]
    playground.clear_faults()
    faults.mix(7, 0.3)
    assert first == [_name(faults.find("PATCH /channels/1/messages/2")) for _ in range(50)]
    assert len(set(first)) > 2
    with pytest.raises(ValueError, match="explode"):
        playground.fault("x", "explode")


def _name(fault: Any) -> str | None:
    return fault.action if fault else None
