"""The gateway in good and in bad weather, seen by the real client."""

import asyncio
import contextlib

import discord
import pytest

from bot.playground import Playground, two_servers
from bot.playground.world.world import add_guild
from tests.e2e.playground.helpers import Client, eventually, point, running
from tests.e2e.playground.test_messages import place

pytestmark = pytest.mark.usefixtures("hurry")


async def _talk(playground: Playground, client: Client, text: str) -> None:
    playground.person("Ann").send(playground.channel("tavern"), text)
    await eventually(lambda: text in client.said())


@pytest.mark.parametrize("code", [1001, 4000, 4007, 4009])
async def test_a_lost_connection_is_resumed(
    client: Client, playground: Playground, code: int
) -> None:
    ann, tavern = playground.person("Ann"), playground.channel("tavern")
    await _talk(playground, client, "before")
    await playground.gateway.close_all(code)
    for number in range(20):
        ann.send(tavern, f"gap {number}")
    await eventually(lambda: client.resumed == 1)
    await _talk(playground, client, "after")
    assert client.said() == ["before", *(f"gap {number}" for number in range(20)), "after"]
    assert playground.gateway.resumed == 1
    assert playground.gateway.identified == 1


async def test_a_cut_connection_and_a_wish_to_reconnect(
    client: Client, playground: Playground
) -> None:
    playground.gateway.abort_all()
    await eventually(lambda: client.resumed == 1)
    playground.gateway.reconnect_all()
    await eventually(lambda: client.resumed == 2)
    playground.gateway.invalidate_all(resumable=True)
    await eventually(lambda: client.resumed == 3)
    await _talk(playground, client, "still here")
    assert playground.gateway.identified == 1


async def test_a_lost_session_is_begun_anew(client: Client, playground: Playground) -> None:
    await _talk(playground, client, "before")
    playground.gateway.mischief.outage = True
    await playground.gateway.close_all(4000)
    await eventually(lambda: not playground.gateway.connections)
    playground.person("Ann").send(playground.channel("tavern"), "unheard")
    playground.gateway.forget_sessions()
    playground.gateway.mischief.outage = False
    await eventually(lambda: client.readied == 2)
    await _talk(playground, client, "after")
    # What happened in the gap is lost to the client, but not to the history.
    assert client.said() == ["before", "after"]
    history = [message.content async for message in place(client, "tavern").history()]
    assert history == ["after", "unheard", "before"]
    assert playground.gateway.identified == 2


@pytest.mark.parametrize("code", [4004, 4010, 4011, 4012, 4013])
async def test_final_close_codes_end_the_client(playground: Playground, code: int) -> None:
    client = Client()
    async with running(client, playground.token) as task:
        await playground.gateway.close_all(code)
        with pytest.raises(discord.ConnectionClosed):
            await asyncio.wait_for(task, 10)


async def test_a_switched_off_intent_is_refused(playground: Playground) -> None:
    playground.state.application.intents["message_content"] = False
    client = Client()
    with pytest.raises(discord.PrivilegedIntentsRequired):
        await client.start(playground.token)
    await client.close()


async def test_without_the_content_intent_texts_are_blank(playground: Playground) -> None:
    playground.state.application.intents["message_content"] = False
    intents = discord.Intents.default()
    client = Client(intents=intents)
    ann, tavern = playground.person("Ann"), playground.channel("tavern")
    async with running(client, playground.token):
        application = await client.application_info()
        assert not application.flags.gateway_message_content_limited
        await place(client, "tavern").send("my own words")
        ann.send(tavern, "hidden", files=[("hidden.txt", b"")])
        ann.send(tavern, f"hello <@{playground.state.bot.id}>")
        shown = playground.messages(tavern)[0]
        ann.send(tavern, "a reply", reply_to=shown)
        ann.send(ann.direct(), "in private")
        await eventually(lambda: len(client.heard) == 5)
        assert client.said() == [
            "my own words",
            "",
            f"hello <@{playground.state.bot.id}>",
            "a reply",
            "in private",
        ]
        assert client.heard[1].attachments == []
        hook = await place(client, "tavern").create_webhook(name="Inn")
        spoken = await hook.send("as Mira", wait=True)
        ann.send(tavern, "to Mira", reply_to=playground.messages(tavern)[-1])
        await eventually(lambda: len(client.heard) == 7)
        assert client.said()[-2:] == ["", ""]
        fetched = await place(client, "tavern").fetch_message(spoken.id)
        assert fetched.content == ""


async def test_unwanted_events_stay_away(playground: Playground) -> None:
    client = Client(intents=discord.Intents(guilds=True, dm_messages=True))
    ann, tavern = playground.person("Ann"), playground.channel("tavern")
    async with running(client, playground.token):
        ann.send(tavern, "not for you")
        ann.send(ann.direct(), "for you")
        await eventually(lambda: client.said() == ["for you"])
        guild = discord.utils.get(client.guilds, name="The Tavern")
        assert guild is not None
        assert [member.id for member in guild.members] == [client.application_id]


async def test_hidden_channels_are_silent(client: Client, playground: Playground) -> None:
    ann, tavern = playground.person("Ann"), playground.channel("tavern")
    playground.simulation.changes.overwrite(tavern, playground.state.bot.id, 1, 0, 1 << 10)
    ann.send(tavern, "behind your back")
    await _talk_elsewhere(playground, client)
    assert client.said() == ["over here"]


async def _talk_elsewhere(playground: Playground, client: Client) -> None:
    playground.person("Ann").send(playground.channel("campfire"), "over here")
    await eventually(lambda: "over here" in client.said())


async def test_events_come_twice_late_or_never(client: Client, playground: Playground) -> None:
    ann, tavern = playground.person("Ann"), playground.channel("tavern")
    playground.fault("EVENT MESSAGE_CREATE", "repeat", copies=2)
    ann.send(tavern, "echo")
    await eventually(lambda: client.said() == ["echo"] * 3)
    playground.fault("EVENT MESSAGE_CREATE", "reorder")
    ann.send(tavern, "first")
    ann.send(tavern, "second")
    await eventually(lambda: client.said()[3:] == ["second", "first"])
    playground.fault("EVENT MESSAGE_CREATE", "lose")
    ann.send(tavern, "never")
    ann.send(tavern, "ever")
    await eventually(lambda: client.said()[5:] == ["ever"])


async def test_a_slow_gateway_keeps_the_order(client: Client, playground: Playground) -> None:
    ann, tavern = playground.person("Ann"), playground.channel("tavern")
    playground.gateway.mischief.latency = 0.01
    playground.gateway.mischief.jitter = 0.02
    for number in range(20):
        ann.send(tavern, str(number))
    assert client.heard == []
    await eventually(lambda: client.said() == [str(number) for number in range(20)])


async def test_a_malformed_event_ends_the_client(playground: Playground) -> None:
    client = Client()
    async with running(client, playground.token) as task:
        playground.fault("EVENT MESSAGE_CREATE", "malform")
        playground.person("Ann").send(playground.channel("tavern"), "broken")
        with pytest.raises(KeyError):
            await asyncio.wait_for(task, 10)


async def test_an_outage_at_the_start_ends_the_client(playground: Playground) -> None:
    playground.gateway.mischief.outage = True
    client = Client()
    with pytest.raises(AttributeError):
        await client.start(playground.token)
    await client.close()


async def test_silence_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with Playground.open(world=two_servers, heartbeat=0.2) as playground:
        point(monkeypatch, playground)
        client = Client(heartbeat_timeout=0.5)
        async with running(client, playground.token):
            playground.gateway.mischief.deaf = True
            await eventually(lambda: not playground.gateway.connections)
            playground.gateway.mischief.deaf = False
            await eventually(lambda: client.resumed >= 1)
            await _talk(playground, client, "awake")


async def test_two_connections_may_share_the_token(playground: Playground) -> None:
    async with contextlib.AsyncExitStack() as stack:
        clients = [Client(), Client()]
        for client in clients:
            await stack.enter_async_context(running(client, playground.token))
        playground.person("Ann").send(playground.channel("tavern"), "to both")
        await eventually(lambda: [each.said() for each in clients] == [["to both"]] * 2)


async def test_joining_and_leaving_a_server(client: Client, playground: Playground) -> None:
    guild = add_guild(playground.state, "The Mill", playground.person("Ann").id)
    playground.state.add_channel(guild, "wheel")
    playground.simulation.changes.guild_created(guild)
    await eventually(lambda: discord.utils.get(client.guilds, name="The Mill"))
    playground.simulation.changes.leave(guild)
    await eventually(lambda: discord.utils.get(client.guilds, name="The Mill") is None)
    with pytest.raises(discord.Forbidden) as caught:
        await client.fetch_channel(int(playground.channel("wheel").id))
    assert caught.value.code == 50001
