"""The life of an interaction: deadlines, deferrals, follow-ups, who sees what."""

import aiohttp
import discord
import pytest

from bot.playground import Person, Playground
from bot.playground.world.models import Channel
from tests.e2e.playground.helpers import Client, eventually, running
from tests.e2e.playground.wire import Wire


@pytest.fixture
def scene(playground: Playground) -> tuple[Person, Channel]:
    return playground.person("Ann"), playground.channel("tavern")


async def test_a_private_answer_is_private(
    client: Client, playground: Playground, scene: tuple[Person, Channel]
) -> None:
    @client.tree.command(description="A secret")
    async def secret(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("psst", ephemeral=True)
        original = await interaction.original_response()
        await original.edit(content="psst!")
        more = await interaction.followup.send("more", ephemeral=True, wait=True)
        await more.edit(content="more!")

    await client.tree.sync()
    ann, tavern = scene
    shown = await ann.command(tavern, "secret").response()
    assert shown["flags"] == 64
    await playground.wait_for(
        lambda: [each["content"] for each in ann.sees(tavern)] == ["psst!", "more!"]
    )
    assert playground.person("Ben").sees(tavern) == []
    assert client.heard == []
    with pytest.raises(discord.NotFound) as caught:
        await client.get_partial_messageable(int(tavern.id)).fetch_message(int(shown["id"]))
    assert caught.value.code == 10008
    ann.delete(shown)
    assert [each["content"] for each in ann.sees(tavern)] == ["more!"]


async def test_thinking_first_answering_later(
    client: Client, playground: Playground, scene: tuple[Person, Channel]
) -> None:
    @client.tree.command(description="Think")
    async def think(interaction: discord.Interaction) -> None:
        answered = await interaction.response.defer(thinking=True)
        assert answered is not None
        assert answered.is_thinking()
        await interaction.edit_original_response(content="done")
        await interaction.followup.send("and more")
        await interaction.delete_original_response()

    await client.tree.sync()
    ann, tavern = scene
    loading: list[int] = []
    playground.simulation.bus.listen(
        lambda event: (
            loading.append(event.data["flags"]) if event.type == "MESSAGE_CREATE" else None
        )
    )
    ann.command(tavern, "think")
    await playground.wait_for(
        lambda: [each["content"] for each in ann.sees(tavern)] == ["and more"]
    )
    assert loading == [128, 0]
    await eventually(lambda: len(client.heard) == 2)


async def test_the_first_followup_fills_the_waiting_answer(
    client: Client, playground: Playground, scene: tuple[Person, Channel]
) -> None:
    @client.tree.command(description="Think")
    async def think(interaction: discord.Interaction) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await interaction.followup.send("here", ephemeral=False)

    await client.tree.sync()
    ann, tavern = scene
    shown = await ann.command(tavern, "think").response()
    assert shown["content"] == "here"
    assert shown["flags"] & 64
    assert len(ann.sees(tavern)) == 1


async def test_an_answer_stays_editable_as_the_bots_own_message(
    client: Client, playground: Playground, scene: tuple[Person, Channel]
) -> None:
    @client.tree.command(description="Say")
    async def say(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("first")

    await client.tree.sync()
    ann, tavern = scene
    shown = await ann.command(tavern, "say").response()
    assert shown["webhook_id"] == playground.state.application.id
    playground.advance(16 * 60)
    message = client.get_partial_messageable(int(tavern.id)).get_partial_message(int(shown["id"]))
    await message.edit(content="second")
    assert playground.messages(tavern)[0]["content"] == "second"


async def test_only_one_first_answer(rough: Playground) -> None:
    client = Client()
    answers: list[tuple[int, int]] = []

    @client.tree.command(description="Twice")
    async def twice(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("one")
        again = f"/interactions/{interaction.id}/{interaction.token}/callback"
        async with aiohttp.ClientSession() as session:
            wire = Wire(session, rough)
            status, told = await wire("POST", again, {"type": 4, "data": {"content": "two"}})
            answers.append((status, told["code"]))

    async with running(client, rough.token, sync=True):
        ann, tavern = rough.person("Ann"), rough.channel("tavern")
        ann.command(tavern, "twice")
        await eventually(lambda: answers == [(400, 40060)])
        assert len(rough.messages(tavern)) == 1


async def test_three_seconds_and_no_more(rough: Playground) -> None:
    client = Client()
    late: list[discord.HTTPException] = []

    @client.tree.command(description="Sleepy")
    async def sleepy(interaction: discord.Interaction) -> None:
        rough.advance(3.1)
        try:
            await interaction.response.send_message("too late")
        except discord.HTTPException as refused:
            late.append(refused)

    async with running(client, rough.token, sync=True):
        ann, tavern = rough.person("Ann"), rough.channel("tavern")
        heard: list[str] = []
        rough.simulation.bus.listen(lambda event: heard.append(event.type))
        begun = ann.command(tavern, "sleepy")
        assert await begun.failed()
        await eventually(lambda: bool(late))
        assert (late[0].status, late[0].code) == (404, 10062)
        assert "INTERACTION_FAILED" in heard
        assert "INTERACTION_DONE" not in heard


async def test_a_token_lives_fifteen_minutes(rough: Playground) -> None:
    client = Client()
    codes: list[tuple[int, int]] = []

    @client.tree.command(description="Long")
    async def long(interaction: discord.Interaction) -> None:
        for moment in (0.0, 14 * 60.0, 2 * 60.0):
            if interaction.response.is_done():
                rough.advance(moment)
            else:
                await interaction.response.defer()
            try:
                await interaction.edit_original_response(content=str(moment))
            except discord.HTTPException as refused:
                codes.append((refused.status, refused.code))

    async with running(client, rough.token, sync=True):
        ann, tavern = rough.person("Ann"), rough.channel("tavern")
        ann.command(tavern, "long")
        await eventually(lambda: codes == [(401, 50027)])
        assert rough.messages(tavern)[0]["content"] == "840.0"


async def test_a_token_is_worth_nothing_before_the_first_answer(rough: Playground) -> None:
    client = Client()
    codes: list[int] = []

    @client.tree.command(description="Hasty")
    async def hasty(interaction: discord.Interaction) -> None:
        for attempt in (interaction.original_response, lambda: interaction.followup.send("x")):
            try:
                await attempt()
            except discord.HTTPException as refused:
                codes.append(refused.code)
        await interaction.response.send_message("now")

    async with running(client, rough.token, sync=True):
        ann, tavern = rough.person("Ann"), rough.channel("tavern")
        await ann.command(tavern, "hasty").response()
        assert codes == [10015, 10015]


async def test_mentions_in_answers_ping_users_only_by_default(
    client: Client, playground: Playground, scene: tuple[Person, Channel]
) -> None:
    @client.tree.command(description="Call")
    async def call(interaction: discord.Interaction, text: str) -> None:
        await interaction.response.send_message(
            text, allowed_mentions=discord.AllowedMentions(users=True)
        )

    await client.tree.sync()
    ann, tavern = scene
    shown = await ann.command(tavern, "call", text=f"{ann.mention} and friends").response()
    assert [user["id"] for user in shown["mentions"]] == [ann.id]
