"""Messages through the real client: text, files, history, edits, deletes, reactions, pins."""

import io
from typing import Any

import discord
import pytest

from bot.playground import Playground
from bot.playground.rules.permissions import ALL
from bot.playground.world import images
from tests.e2e.playground.helpers import Client, eventually


def place(client: Client, name: str) -> Any:
    found = discord.utils.get(client.get_all_channels(), name=name)
    assert found is not None
    return found


async def test_talk_goes_both_ways(client: Client, playground: Playground) -> None:
    ann, tavern = playground.person("Ann"), playground.channel("tavern")
    spoken = ann.send(tavern, "Good evening!")
    await eventually(lambda: client.said() == ["Good evening!"])
    heard = client.heard[0]
    assert heard.author.display_name == "Ann"
    assert isinstance(heard.author, discord.Member)
    answer = await heard.reply("Good evening, Ann.")
    shown = playground.messages(tavern)[-1]
    assert shown["type"] == 19
    assert shown["message_reference"]["message_id"] == spoken["id"]
    assert shown["referenced_message"]["content"] == "Good evening!"
    # The client's allowed_mentions pings nobody, not even the person replied to.
    assert shown["mentions"] == []
    await answer.edit(content="Good evening, dear Ann.")
    edited = playground.messages(tavern)[-1]
    assert edited["content"] == "Good evening, dear Ann."
    assert edited["edited_timestamp"] is not None
    # Times are read from ids by the client.
    assert abs((discord.utils.utcnow() - answer.created_at).total_seconds()) < 60


async def test_edits_and_deletes_of_people_are_heard(
    client: Client, playground: Playground
) -> None:
    ann, tavern = playground.person("Ann"), playground.channel("tavern")
    first, second, third = (ann.send(tavern, text) for text in ("one", "two", "three"))
    ann.edit(first, "uno")
    await eventually(lambda: len(client.raw) == 1)
    assert client.raw[0].data["content"] == "uno"
    assert client.raw[0].data["edited_timestamp"]
    ann.delete(first)
    await eventually(lambda: len(client.raw) == 2)
    assert client.raw[1].message_id == int(first["id"])
    playground.simulation.changes.delete(tavern, [second["id"], third["id"]])
    await eventually(lambda: len(client.raw) == 3)
    assert client.raw[2].message_ids == {int(second["id"]), int(third["id"])}


async def test_history_is_read_in_every_direction(client: Client, playground: Playground) -> None:
    ann, tavern = playground.person("Ann"), playground.channel("tavern")
    spoken = [ann.send(tavern, str(number)) for number in range(250)]
    channel = place(client, "tavern")
    newest = [message.content async for message in channel.history(limit=120)]
    assert newest == [str(number) for number in range(249, 129, -1)]
    after = discord.Object(int(spoken[100]["id"]))
    later = [message.content async for message in channel.history(after=after, limit=None)]
    assert later == [str(number) for number in range(101, 250)]
    around = [message.content async for message in channel.history(around=after, limit=5)]
    assert sorted(map(int, around)) == [98, 99, 100, 101, 102]
    one = await channel.fetch_message(int(spoken[7]["id"]))
    assert one.content == "7"
    with pytest.raises(discord.NotFound) as caught:
        await channel.fetch_message(1)
    assert caught.value.code == 10008


async def test_files_go_up_and_come_down(client: Client, playground: Playground) -> None:
    ann, tavern = playground.person("Ann"), playground.channel("tavern")
    picture = images.plain(0xABCDEF, 48)
    ann.send(tavern, files=[("my face.png", picture), ("notes.txt", b"hello")])
    await eventually(lambda: bool(client.heard))
    face, notes = client.heard[0].attachments
    assert (face.filename, face.width, face.height) == ("my_face.png", 48, 48)
    assert face.content_type == "image/png"
    assert notes.content_type == "text/plain; charset=utf-8"
    assert "ex=" in face.url
    assert await face.read() == picture
    assert await notes.read() == b"hello"
    sent = await place(client, "tavern").send(
        "two files",
        files=[
            discord.File(io.BytesIO(b"first"), "first.txt", description="the first"),
            discord.File(io.BytesIO(picture), "second.png"),
        ],
    )
    assert sent.attachments[0].description == "the first"
    kept = await sent.edit(
        attachments=[sent.attachments[1], discord.File(io.BytesIO(b"third"), "third.txt")]
    )
    assert [each.filename for each in kept.attachments] == ["second.png", "third.txt"]
    assert await kept.attachments[1].read() == b"third"


async def test_an_attachments_address_goes_stale(client: Client, playground: Playground) -> None:
    ann, tavern = playground.person("Ann"), playground.channel("tavern")
    ann.send(tavern, files=[("old.txt", b"old")])
    await eventually(lambda: bool(client.heard))
    attachment = client.heard[0].attachments[0]
    playground.advance(25 * 3600)
    with pytest.raises(discord.NotFound):
        await attachment.read()
    fresh = await client.heard[0].fetch()
    assert await fresh.attachments[0].read() == b"old"


async def test_an_embed_shows_its_file(client: Client, playground: Playground) -> None:
    embed = discord.Embed(title="Mira", description="An innkeeper.", color=0x336699)
    embed.add_field(name="Mood", value="calm")
    embed.set_thumbnail(url="attachment://mira.png")
    file = discord.File(io.BytesIO(images.plain(1)), "mira.png")
    sent = await place(client, "tavern").send(embed=embed, file=file)
    url = sent.embeds[0].thumbnail.url
    assert url is not None
    assert url.startswith(playground.cdn_url)
    assert sent.embeds[0].fields[0].inline is True


async def test_a_repeated_nonce_finds_the_first_message(
    client: Client, playground: Playground
) -> None:
    channel = place(client, "tavern")
    first = await channel.send("once", nonce="turn-1")
    again = await channel.send("once", nonce="turn-1")
    other = await channel.send("once", nonce="turn-2")
    assert first.id == again.id != other.id
    assert len(playground.messages(playground.channel("tavern"))) == 2
    await eventually(lambda: client.said() == ["once", "once"])


async def test_reactions_are_shared(client: Client, playground: Playground) -> None:
    ann, tavern = playground.person("Ann"), playground.channel("tavern")
    seen: list[discord.RawReactionActionEvent] = []

    @client.event
    async def on_raw_reaction_add(event: discord.RawReactionActionEvent) -> None:
        seen.append(event)

    spoken = ann.send(tavern, "Cheers")
    await eventually(lambda: bool(client.heard))
    await client.heard[0].add_reaction("🍺")
    ann.react(spoken, "🍺")
    await eventually(lambda: len(seen) == 2)
    assert [event.user_id == client.application_id for event in seen] == [True, False]
    shown = playground.messages(tavern)[0]["reactions"][0]
    assert (shown["count"], shown["me"], shown["emoji"]["name"]) == (2, True, "🍺")
    fetched = await client.heard[0].fetch()
    users = {user.name async for user in fetched.reactions[0].users()}
    assert users == {"Tavernkeeper", "ann"}
    await client.heard[0].remove_reaction("🍺", discord.Object(client.application_id or 0))
    ann.react(spoken, "🍺")
    assert "reactions" not in playground.messages(tavern)[0]


async def test_pins_need_their_own_permission(client: Client, playground: Playground) -> None:
    ann, tavern = playground.person("Ann"), playground.channel("tavern")
    ann.send(tavern, "Remember this")
    await eventually(lambda: bool(client.heard))
    with pytest.raises(discord.Forbidden) as caught:
        await client.heard[0].pin()
    assert caught.value.code == 50013
    bot = playground.state.bot.id
    playground.simulation.changes.overwrite(tavern, bot, 1, int(ALL), 0)
    await client.heard[0].pin()
    pins = [message.content async for message in place(client, "tavern").pins()]
    assert pins == ["Remember this"]
    await client.heard[0].unpin()
    assert [message async for message in place(client, "tavern").pins()] == []


async def test_a_private_talk(client: Client, playground: Playground) -> None:
    ann = playground.person("Ann")
    ann.send(ann.direct(), "Just us two?")
    await eventually(lambda: bool(client.heard))
    assert isinstance(client.heard[0].channel, discord.DMChannel)
    await client.heard[0].channel.send("Just us two.")
    user = await client.fetch_user(int(ann.id))
    await user.send("Still here.")
    said = [message["content"] for message in playground.messages(ann.direct())]
    assert said == ["Just us two?", "Just us two.", "Still here."]
    with pytest.raises(discord.Forbidden) as caught:
        await client.heard[0].delete()
    assert caught.value.code == 50003


async def test_typing_is_seen_on_both_sides(client: Client, playground: Playground) -> None:
    seen: list[str] = []

    @client.event
    async def on_typing(channel: Any, user: Any, when: Any) -> None:
        seen.append(user.display_name)

    tavern = playground.channel("tavern")
    events: list[str] = []
    playground.simulation.bus.listen(lambda event: events.append(event.type))
    playground.person("Ben").type_in(tavern)
    await eventually(lambda: seen == ["Ben"])
    async with place(client, "tavern").typing():
        await playground.wait_for(lambda: events.count("TYPING_START") == 2)


async def test_threads_and_posts(client: Client, playground: Playground) -> None:
    ann, tavern, tales = (
        playground.person("Ann"),
        playground.channel("tavern"),
        playground.channel("tales"),
    )
    spoken = ann.send(tavern, "Let us go upstairs")
    thread = ann.open_thread(tavern, "Upstairs", message=spoken)
    assert thread.id == spoken["id"]
    ann.send(thread, "Here we are")
    await eventually(lambda: "Here we are" in client.said())
    heard = client.heard[-1].channel
    assert isinstance(heard, discord.Thread)
    assert heard.parent is not None
    assert heard.parent.name == "tavern"
    own = await heard.send("Mind your head")
    post = ann.open_thread(tales, "The well", content="Once upon a time")
    await eventually(lambda: "Once upon a time" in client.said())
    assert client.heard[-1].id == client.heard[-1].channel.id == int(post.id)
    playground.simulation.changes.archive(thread, True)
    with pytest.raises(discord.HTTPException) as caught:
        await own.edit(content="late")
    assert caught.value.code == 50083
    await heard.send("This opens it again")
    assert thread.thread is not None
    assert not thread.thread.archived
    cellar = await place(client, "tavern").create_thread(
        name="Cellar door", type=discord.ChannelType.public_thread
    )
    await cellar.send("Creak")
    own_post = await place(client, "tales").create_thread(name="A tale", content="It was night.")
    assert own_post.message.content == "It was night."
    assert await client.fetch_channel(cellar.id) == cellar
    found = await cellar.guild.active_threads()
    assert {each.name for each in found} >= {"Upstairs", "Cellar door", "A tale", "The well"}


async def test_deleting_a_channel_takes_everything_with_it(
    client: Client, playground: Playground
) -> None:
    ann, tavern = playground.person("Ann"), playground.channel("tavern")
    hook = await place(client, "tavern").create_webhook(name="Inn")
    thread = ann.open_thread(tavern, "Upstairs")
    playground.simulation.changes.delete_channel(tavern)
    await eventually(lambda: discord.utils.get(client.get_all_channels(), name="tavern") is None)
    assert thread.id not in playground.state.channels
    with pytest.raises(discord.NotFound) as caught:
        await hook.send("anyone?")
    assert caught.value.code == 10015


async def test_members_are_asked_for(client: Client, playground: Playground) -> None:
    guild = discord.utils.get(client.guilds, name="The Tavern")
    assert guild is not None
    found = await guild.query_members("be")
    assert [member.display_name for member in found] == ["Ben"]
    cora = playground.simulation.state.add_user("Cora")
    with pytest.raises(discord.NotFound):
        await guild.fetch_member(int(cora.id))
    ann = await guild.fetch_member(int(playground.person("Ann").id))
    assert ann.guild_permissions.administrator
    await guild.me.edit(nick="Keeper")
    assert guild.get_member(guild.me.id) is not None
    assert playground.state.guilds[str(guild.id)].members[str(guild.me.id)].nick == "Keeper"
