"""Webhooks: names, faces, threads, forums, limits, tokens."""

import io

import discord
import pytest

from bot.playground import Playground
from bot.playground.world import images
from tests.e2e.playground.helpers import Client, eventually, running
from tests.e2e.playground.test_messages import place

FACE = images.plain(0xAA3311, 32)


async def test_characters_speak_with_their_own_face(client: Client, playground: Playground) -> None:
    hook = await place(client, "tavern").create_webhook(name="Inn", avatar=FACE)
    assert hook.token is not None
    assert 60 <= len(hook.token) <= 68
    sent = await hook.send("Welcome!", username="Mira", wait=True)
    assert sent.author.display_name == "Mira"
    assert await sent.author.display_avatar.read() == FACE
    other = await hook.send(
        "Hm.", username="Old Tom", avatar_url="https://example.org/tom.png", wait=True
    )
    assert other.author.avatar != sent.author.avatar
    await sent.edit(content="Welcome, traveller!")
    await other.delete()
    shown = playground.messages(playground.channel("tavern"))
    assert [message["content"] for message in shown] == ["Welcome, traveller!"]
    assert shown[0]["webhook_id"] == str(hook.id)
    assert shown[0]["application_id"] == playground.state.application.id
    await eventually(lambda: len(client.heard) == 2)
    assert client.heard[0].webhook_id == hook.id
    assert not isinstance(client.heard[0].author, discord.Member)


async def test_own_webhooks_are_found_again(client: Client, playground: Playground) -> None:
    made = await place(client, "tavern").create_webhook(name="Inn")
    found = await place(client, "tavern").webhooks()
    assert [each.id for each in found] == [made.id]
    assert found[0].token == made.token
    assert found[0].user == client.user
    changed = await made.edit(name="Tavern", avatar=FACE)
    assert changed.name == "Tavern"
    assert (await client.fetch_webhook(made.id)).name == "Tavern"
    in_guild = await place(client, "tavern").guild.webhooks()
    assert [each.id for each in in_guild] == [made.id]
    await made.delete()
    with pytest.raises(discord.NotFound) as caught:
        await made.send("still there?")
    assert caught.value.code == 10015


async def test_a_foreign_webhook_keeps_its_token(client: Client, playground: Playground) -> None:
    made = await place(client, "tavern").create_webhook(name="Inn")
    playground.state.webhooks[str(made.id)].application_id = None
    found = await place(client, "tavern").webhooks()
    assert found[0].token is None


async def test_a_webhook_speaks_in_threads(client: Client, playground: Playground) -> None:
    ann, tavern = playground.person("Ann"), playground.channel("tavern")
    thread = ann.open_thread(tavern, "Upstairs")
    hook = await place(client, "tavern").create_webhook(name="Inn")
    sent = await hook.send("Up here", thread=discord.Object(int(thread.id)), wait=True)
    assert playground.messages(thread)[-1]["content"] == "Up here"
    with pytest.raises(discord.NotFound) as caught:
        await hook.edit_message(sent.id, content="lost")
    assert caught.value.code == 10008
    await hook.edit_message(sent.id, content="found", thread=discord.Object(int(thread.id)))
    assert playground.messages(thread)[-1]["content"] == "found"
    elsewhere = playground.channel("campfire")
    with pytest.raises(discord.NotFound) as missing:
        await hook.send("?", thread=discord.Object(int(elsewhere.id)))
    assert missing.value.code == 10003
    with pytest.raises(discord.HTTPException) as refused:
        await client.http.create_webhook(int(thread.id), name="no")
    assert refused.value.code == 50024


async def test_a_webhook_posts_in_forums(client: Client, playground: Playground) -> None:
    hook = await place(client, "tales").create_webhook(name="Inn")
    with pytest.raises(discord.HTTPException) as caught:
        await hook.send("Where?")
    assert caught.value.code == 220001
    await hook.send("Once", thread_name="A tale")
    assert playground.messages(playground.channel("A tale"))[0]["content"] == "Once"


async def test_webhooks_bring_files_and_buttons(client: Client, playground: Playground) -> None:
    hook = await place(client, "tavern").create_webhook(name="Inn")
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label="Stop", custom_id="stop"))
    sent = await hook.send(
        "with a file",
        file=discord.File(io.BytesIO(b"x"), "x.txt"),
        view=view,
        wait=True,
        allowed_mentions=discord.AllowedMentions.none(),
    )
    assert sent.attachments[0].filename == "x.txt"
    shown = playground.messages(playground.channel("tavern"))[0]
    assert shown["components"][0]["components"][0]["custom_id"] == "stop"
    await sent.edit(content="without", view=None, attachments=[])
    shown = playground.messages(playground.channel("tavern"))[0]
    assert (shown["components"], shown["attachments"]) == ([], [])


async def test_a_channel_has_fifteen(client: Client, playground: Playground) -> None:
    channel = place(client, "tavern")
    for number in range(15):
        await channel.create_webhook(name=f"hook {number}")
    with pytest.raises(discord.HTTPException) as caught:
        await channel.create_webhook(name="one too many")
    assert caught.value.code == 30007


async def test_reserved_names_are_refused(rough: Playground) -> None:
    client = Client()
    async with running(client, rough.token):
        channel = place(client, "tavern")
        for name in ("Clyde", "my discord", "x" * 81):
            with pytest.raises(discord.HTTPException) as caught:
                await channel.create_webhook(name=name)
            assert caught.value.code == 50035, name
        hook = await channel.create_webhook(name="Inn")
        for name in ("clyde", "DisCord", "x" * 81, "  "):
            with pytest.raises(discord.HTTPException) as caught:
                await hook.send("hi", username=name)
            assert caught.value.code == 50035, name
        broken = discord.Webhook.partial(hook.id, "y" * 68, client=client)
        with pytest.raises(discord.HTTPException) as caught:
            await broken.send("hi")
        assert (caught.value.status, caught.value.code) == (401, 50027)
