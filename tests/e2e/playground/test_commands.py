"""Application commands through the real client's tree."""

import asyncio
from typing import Any, Literal

import discord
import pytest
from discord import app_commands

from bot.playground import Playground
from bot.playground.people.options import Impossible
from tests.e2e.playground.helpers import Client, eventually, running


class Translations(app_commands.Translator):
    """Two words of German, enough to see them arrive."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        words = {"greet": "gruss", "Say hello": "Sag hallo"}
        return words.get(string.message) if locale is discord.Locale.german else None


async def test_commands_are_registered_and_kept(client: Client, playground: Playground) -> None:
    @client.tree.command(description="Say hello")
    async def greet(interaction: discord.Interaction) -> None:
        """Never called."""

    await client.tree.set_translator(Translations())
    first = await client.tree.sync()
    again = await client.tree.sync()
    assert [command.id for command in first] == [command.id for command in again]
    fetched = await client.tree.fetch_commands()
    assert fetched[0].name_localizations == {discord.Locale.german: "gruss"}
    guild = client.guilds[0]
    client.tree.copy_global_to(guild=guild)
    assert [command.name for command in await client.tree.sync(guild=guild)] == ["greet"]
    await fetched[0].delete()
    assert await client.tree.fetch_commands() == []
    assert len(await client.tree.fetch_commands(guild=guild)) == 1


async def test_every_kind_of_option_arrives(client: Client, playground: Playground) -> None:
    taken: dict[str, Any] = {}
    group = app_commands.Group(name="chat", description="Talk")

    @group.command(description="Everything at once")
    async def start(
        interaction: discord.Interaction,
        text: app_commands.Range[str, 1, 10],
        whole: app_commands.Range[int, 1, 5],
        real: float,
        yes: bool,
        who: discord.Member,
        where: discord.TextChannel,
        role: discord.Role,
        anyone: discord.User | discord.Role,
        file: discord.Attachment,
        mode: Literal["all", "mentions"] = "all",
        rest: str | None = None,
    ) -> None:
        taken.update(iter(interaction.namespace))
        taken["content"] = await file.read()
        await interaction.response.send_message("ok")

    client.tree.add_command(group)
    await client.tree.sync()
    ann, tavern = playground.person("Ann"), playground.channel("tavern")
    guild = playground.state.guilds[str(tavern.guild_id)]
    role_id = next(each for each in guild.roles if each != guild.id)
    options: dict[str, Any] = {
        "text": "hello",
        "whole": 3,
        "real": 0.5,
        "yes": True,
        "who": playground.person("Ben").id,
        "where": playground.channel("campfire").id,
        "role": role_id,
        "anyone": role_id,
        "file": 0,
        "mode": "mentions",
    }
    begun = ann.command(tavern, "chat start", files=[("card.png", b"bytes")], **options)
    shown = await begun.response()
    assert shown["content"] == "ok"
    assert shown["interaction_metadata"]["name"] == "chat start"
    assert taken["text"] == "hello"
    assert taken["whole"] == 3
    assert taken["real"] == 0.5
    assert taken["yes"] is True
    assert taken["who"].display_name == "Ben"
    assert taken["where"].name == "campfire"
    assert taken["role"].name == "Tavernkeeper"
    assert taken["content"] == b"bytes"
    wrong: list[dict[str, Any]] = [
        {"text": "much too long a text"},
        {"whole": 9},
        {"mode": "never"},
        {"who": "123"},
        {"file": 7},
        {"unknown": 1},
    ]
    for change in wrong:
        with pytest.raises(Impossible):
            ann.command(tavern, "chat start", files=[("a", b"")], **{**options, **change})
    with pytest.raises(Impossible):
        ann.command(tavern, "chat start", text="only this")
    with pytest.raises(Impossible):
        ann.command(tavern, "chat")
    with pytest.raises(Impossible):
        ann.command(tavern, "chat sing")
    with pytest.raises(Impossible):
        ann.command(tavern, "sing")


async def test_suggestions_come_while_typing(client: Client, playground: Playground) -> None:
    @client.tree.command(description="Choose somebody")
    async def choose(interaction: discord.Interaction, name: str, place: str = "") -> None:
        await interaction.response.send_message(name)

    @choose.autocomplete("name")
    async def suggest(
        interaction: discord.Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        names = [f"{current} {number}" for number in range(25)]
        where = interaction.namespace.place
        return [app_commands.Choice(name=name, value=f"{name}@{where}") for name in names]

    await client.tree.sync()
    ann, tavern = playground.person("Ann"), playground.channel("tavern")
    choices = await ann.autocomplete(tavern, "choose", "name", name="Mi", place="bar")
    assert len(choices) == 25
    assert choices[3] == {"name": "Mi 3", "value": "Mi 3@bar"}
    with pytest.raises(Impossible):
        await ann.autocomplete(tavern, "choose", "place")


async def test_more_than_25_suggestions_are_refused(rough: Playground) -> None:
    client = Client()
    failed: list[discord.HTTPException] = []

    @client.tree.command(description="Choose somebody")
    async def choose(interaction: discord.Interaction, name: str) -> None:
        """Never called."""

    @choose.autocomplete("name")
    async def suggest(
        interaction: discord.Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        many = [app_commands.Choice(name=str(each), value=str(each)) for each in range(26)]
        try:
            await interaction.response.autocomplete(many)
        except discord.HTTPException as refused:
            failed.append(refused)
        return []

    async with running(client, rough.token, sync=True):
        ann, tavern = rough.person("Ann"), rough.channel("tavern")
        waiting = asyncio.create_task(ann.autocomplete(tavern, "choose", "name"))
        await eventually(lambda: [each.code for each in failed] == [50035])
        rough.advance(3)
        assert await waiting == []


async def test_context_menus(client: Client, playground: Playground) -> None:
    @client.tree.context_menu(name="Reply in character")
    async def on_message(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"about {message.content}", ephemeral=True)

    @client.tree.context_menu(name="Persona")
    async def on_member(interaction: discord.Interaction, member: discord.Member) -> None:
        await interaction.response.send_message(member.display_name)

    await client.tree.sync()
    ann, tavern = playground.person("Ann"), playground.channel("tavern")
    spoken = ann.send(tavern, "the weather")
    answer = await ann.context("Reply in character", spoken).response()
    assert answer["content"] == "about the weather"
    assert answer["type"] == 23
    about = ann.context_on(tavern, "Persona", playground.person("Ben").id)
    assert (await about.response())["content"] == "Ben"
    with pytest.raises(Impossible):
        ann.context("Persona", spoken)


async def test_the_persons_language_travels_along(client: Client, playground: Playground) -> None:
    @client.tree.command(description="Which language")
    async def tongue(interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"{interaction.locale} {interaction.guild_locale}")

    await client.tree.sync()
    ann, tavern = playground.person("Ann"), playground.channel("tavern")
    ann.speak("ja")
    assert (await ann.command(tavern, "tongue").response())["content"] == "ja en-US"


async def test_who_may_use_a_command_where(client: Client, playground: Playground) -> None:
    @client.tree.command(description="For managers")
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.guild_only()
    async def manage(interaction: discord.Interaction) -> None:
        rights = interaction.permissions.manage_guild, interaction.app_permissions.manage_webhooks
        await interaction.response.send_message(str(rights))

    @client.tree.command(description="For adults", nsfw=True)
    async def adult(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("ok")

    await client.tree.sync()
    ann, ben = playground.person("Ann"), playground.person("Ben")
    tavern, cellar = playground.channel("tavern"), playground.channel("cellar")
    shown = await ann.command(tavern, "manage").response()
    assert shown["content"] == "(True, True)"
    with pytest.raises(Impossible):
        ben.command(tavern, "manage")
    with pytest.raises(Impossible):
        ann.command(ann.direct(), "manage")
    with pytest.raises(Impossible):
        ann.command(tavern, "adult")
    assert (await ann.command(cellar, "adult").response())["content"] == "ok"


async def test_commands_work_in_direct_messages(client: Client, playground: Playground) -> None:
    @client.tree.command(description="Where are we")
    async def where(interaction: discord.Interaction) -> None:
        kind = type(interaction.channel).__name__
        await interaction.response.send_message(f"{kind} {interaction.user.name}")

    await client.tree.sync()
    ann = playground.person("Ann")
    shown = await ann.command(ann.direct(), "where").response()
    assert shown["content"] == "DMChannel ann"


async def test_wrong_commands_are_refused(rough: Playground) -> None:
    """One body per rule, straight through the client's HTTP part."""
    option = {"type": 3, "name": "a", "description": "b"}
    wrong: list[list[dict[str, Any]]] = [
        [{"name": "Upper", "description": "x"}],
        [{"name": "no description"}],
        [{"name": "a", "description": "x" * 101}],
        [{"name": "twice", "description": "x"}] * 2,
        [{"name": f"c{number}", "description": "x"} for number in range(101)],
        [{"name": "a", "description": "x", "options": [option, option]}],
        [
            {
                "name": "a",
                "description": "x",
                "options": [option, {**option, "name": "c", "required": True}],
            }
        ],
        [{"name": "a", "description": "x", "options": [{**option, "type": 12}]}],
        [{"name": "a", "description": "x", "name_localizations": {"pt": "b"}}],
        [{"name": "Menu", "type": 3, "description": "none here"}],
        [{"name": f"Menu {number}", "type": 3} for number in range(16)],
        [
            {
                "name": "big",
                "description": "x",
                "options": [
                    {
                        **option,
                        "name": f"o{number}",
                        "choices": [
                            {"name": "n" * 100, "value": "v" * 100},
                            {"name": "m" * 100, "value": "w" * 100},
                        ],
                    }
                    for number in range(25)
                ],
            }
        ],
    ]
    client = Client()
    async with running(client, rough.token):
        assert client.application_id is not None
        for commands in wrong:
            with pytest.raises(discord.HTTPException) as caught:
                await client.http.bulk_upsert_global_commands(
                    client.application_id,
                    commands,
                )
            assert caught.value.code == 50035, commands
        with pytest.raises(discord.Forbidden):
            await client.http.get_global_commands(1)


async def test_pages_hear_of_new_commands(client: Client, playground: Playground) -> None:
    heard: list[str] = []
    playground.simulation.bus.listen(lambda event: heard.append(event.type))

    @client.tree.command(description="Say hello")
    async def greet(interaction: discord.Interaction) -> None:
        """Never called."""

    await client.tree.sync()
    await eventually(lambda: "COMMANDS" in heard)
