"""Buttons, menus, modals, layouts: clicked by people, answered by the real client's views."""

import io
import re
from typing import Any

import discord
import pytest

from bot.playground import Playground
from bot.playground.people.options import Impossible
from bot.playground.rules.components import walk
from bot.playground.world import images
from tests.e2e.playground.helpers import Client, eventually, running
from tests.e2e.playground.test_messages import place


class Counter(discord.ui.View):
    """A button that counts and a menu that tells."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        self.count = 0

    @discord.ui.button(label="Count", custom_id="count", emoji="🍺")
    async def add(self, interaction: discord.Interaction, button: Any) -> None:
        self.count += 1
        button.disabled = self.count >= 2
        await interaction.response.edit_message(content=f"counted {self.count}", view=self)

    @discord.ui.select(
        custom_id="pick",
        placeholder="Who?",
        min_values=1,
        max_values=2,
        options=[discord.SelectOption(label=name, value=name.lower()) for name in ("Mira", "Tom")],
    )
    async def pick(self, interaction: discord.Interaction, menu: Any) -> None:
        await interaction.response.send_message(" and ".join(menu.values), ephemeral=True)


async def test_buttons_and_menus(client: Client, playground: Playground) -> None:
    ann, tavern = playground.person("Ann"), playground.channel("tavern")
    await place(client, "tavern").send("press", view=Counter())
    shown = ann.sees(tavern)[0]
    await ann.press(shown, "Count").acknowledged()
    assert ann.sees(tavern)[0]["content"] == "counted 1"
    told = await ann.click(shown, "pick", "tom", "mira").response()
    assert told["content"] == "tom and mira"
    assert told["type"] == 19
    await ann.click(shown, "count").acknowledged()
    for custom_id, values in (
        ("count", ()),
        ("pick", ("nobody",)),
        ("pick", ()),
        ("missing", ()),
    ):
        with pytest.raises(Impossible):
            ann.click(shown, custom_id, *values)


async def test_buttons_survive_a_restart(playground: Playground) -> None:
    ann, tavern = playground.person("Ann"), playground.channel("tavern")
    first = Client()
    async with running(first, playground.token):
        await place(first, "tavern").send("press", view=Counter())
    shown = ann.sees(tavern)[0]
    second = Client()
    second.add_view(Counter())
    second.add_dynamic_items(Swipe)
    async with running(second, playground.token):
        await ann.click(shown, "count").acknowledged()
        assert ann.sees(tavern)[0]["content"] == "counted 1"
        view = discord.ui.View(timeout=None)
        view.add_item(Swipe(7))
        await place(second, "tavern").send("swipe", view=view)
        await ann.click(ann.sees(tavern)[1], "swipe:7").acknowledged()
        assert ann.sees(tavern)[1]["content"] == "swiped 7"


class Swipe(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"swipe:(?P<number>[0-9]+)"):
    """A button that carries its number in its id."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(discord.ui.Button(label="→", custom_id=f"swipe:{number}"))

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: Any, match: re.Match[str]
    ) -> "Swipe":
        return cls(int(match["number"]))

    async def callback(self, interaction: discord.Interaction) -> Any:
        await interaction.response.edit_message(content=f"swiped {self.number}")


async def test_a_button_under_a_webhooks_message(client: Client, playground: Playground) -> None:
    ann, tavern = playground.person("Ann"), playground.channel("tavern")
    hook = await place(client, "tavern").create_webhook(name="Inn")
    client.add_dynamic_items(Swipe)
    view = discord.ui.View(timeout=None)
    view.add_item(Swipe(3))
    await hook.send("said Mira", username="Mira", view=view)
    await ann.click(ann.sees(tavern)[0], "swipe:3").acknowledged()
    assert ann.sees(tavern)[0]["content"] == "swiped 3"
    assert ann.sees(tavern)[0]["author"]["username"] == "Mira"


async def test_a_private_button_belongs_to_its_reader(
    client: Client, playground: Playground
) -> None:
    @client.tree.command(description="Mine")
    async def mine(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("mine", view=Counter(), ephemeral=True)

    await client.tree.sync()
    ann, ben = playground.person("Ann"), playground.person("Ben")
    shown = await ann.command(playground.channel("tavern"), "mine").response()
    await ann.click(shown, "count").acknowledged()
    assert ann.sees(playground.channel("tavern"))[0]["content"] == "counted 1"
    with pytest.raises(Exception, match="Unknown Message"):
        ben.click(shown, "count")


class Form(discord.ui.Modal, title="A new persona"):
    """Every field a modal can have."""

    name: Any = discord.ui.Label(
        text="Name", component=discord.ui.TextInput(custom_id="name", max_length=20)
    )
    story: Any = discord.ui.Label(
        text="Story",
        description="In a few words",
        component=discord.ui.TextInput(
            custom_id="story", style=discord.TextStyle.paragraph, required=False
        ),
    )
    mood: Any = discord.ui.Label(
        text="Mood",
        component=discord.ui.Select(
            custom_id="mood",
            options=[discord.SelectOption(label=name) for name in ("calm", "wild")],
        ),
    )
    face: Any = discord.ui.Label(
        text="Face", component=discord.ui.FileUpload(custom_id="face", required=False)
    )
    friend: Any = discord.ui.Label(
        text="Friend", component=discord.ui.UserSelect(custom_id="friend", required=False)
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        face, friend = self.face.component.values, self.friend.component.values
        told = [
            self.name.component.value,
            self.story.component.value,
            *self.mood.component.values,
            str(len(await face[0].read())) if face else "no face",
            friend[0].display_name if friend else "no friend",
        ]
        await interaction.response.send_message(", ".join(told), ephemeral=True)


class Choices(discord.ui.Modal, title="Choices"):
    """The fields that choose."""

    note: Any = discord.ui.TextDisplay("Choose well")
    one: Any = discord.ui.Label(
        text="One",
        component=discord.ui.RadioGroup(
            custom_id="one",
            options=[discord.RadioGroupOption(label=each) for each in ("a", "b")],
        ),
    )
    many: Any = discord.ui.Label(
        text="Many",
        component=discord.ui.CheckboxGroup(
            custom_id="many",
            options=[discord.CheckboxGroupOption(label=each) for each in ("x", "y", "z")],
            max_values=3,
        ),
    )
    sure: Any = discord.ui.Label(text="Sure", component=discord.ui.Checkbox(custom_id="sure"))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        told = [self.one.component.value, *self.many.component.values, self.sure.component.value]
        await interaction.response.send_message(str(told))


async def test_modals(client: Client, playground: Playground) -> None:
    @client.tree.command(description="Fill in")
    async def form(interaction: discord.Interaction, which: str) -> None:
        await interaction.response.send_modal(Form() if which == "form" else Choices())

    await client.tree.sync()
    ann, ben = playground.person("Ann"), playground.person("Ben")
    tavern = playground.channel("tavern")
    opened = ann.command(tavern, "form", which="form")
    modal = await opened.modal()
    assert modal["title"] == "A new persona"
    with pytest.raises(Impossible):
        ann.submit(opened, {"name": "", "mood": ["calm"]})
    with pytest.raises(Impossible):
        ann.submit(opened, {"name": "x" * 21, "mood": ["calm"]})
    with pytest.raises(Impossible):
        ben.submit(opened, {"name": "Ben", "mood": ["calm"]})
    values = {"name": "Vera", "story": "", "mood": "wild", "face": 0, "friend": ben.id}
    sent = ann.submit(opened, values, files=[("vera.png", images.plain(7))])
    told = await sent.response()
    assert told["content"].startswith("Vera, , wild, ")
    assert told["content"].endswith("Ben")
    opened = ann.command(tavern, "form", which="choices")
    await opened.modal()
    sent = ann.submit(opened, {"one": "b", "many": ["x", "z"], "sure": True})
    assert (await sent.response())["content"] == "['b', 'x', 'z', True]"


async def test_a_modal_opened_by_a_button_may_change_its_message(
    client: Client, playground: Playground
) -> None:
    class Rename(discord.ui.Modal, title="Rename"):
        name: Any = discord.ui.TextInput(label="Name", custom_id="name", default="Mira")

        async def on_submit(self, interaction: discord.Interaction) -> None:
            assert interaction.message is not None
            await interaction.response.edit_message(content=f"now {self.name.value}")

    class Buttons(discord.ui.View):
        @discord.ui.button(label="Rename", custom_id="rename")
        async def rename(self, interaction: discord.Interaction, button: Any) -> None:
            await interaction.response.send_modal(Rename())

    ann, tavern = playground.person("Ann"), playground.channel("tavern")
    await place(client, "tavern").send("was Mira", view=Buttons())
    opened = ann.press(ann.sees(tavern)[0], "Rename")
    modal = await opened.modal()
    assert modal["components"][0]["components"][0]["value"] == "Mira"
    await ann.submit(opened, {"name": "Vera"}).acknowledged()
    assert ann.sees(tavern)[0]["content"] == "now Vera"


async def test_a_layout_of_the_second_kind(client: Client, playground: Playground) -> None:
    pressed: list[str] = []

    class Card(discord.ui.LayoutView):
        def __init__(self) -> None:
            super().__init__(timeout=None)
            button: discord.ui.Button[Any] = discord.ui.Button(label="Use", custom_id="use")
            button.callback = self.use  # type: ignore[method-assign]
            box: Any = discord.ui.Container(accent_color=0x884422)
            box.add_item(discord.ui.Section("Mira", "An innkeeper", accessory=button))
            box.add_item(discord.ui.Separator())
            box.add_item(discord.ui.MediaGallery(discord.MediaGalleryItem("attachment://mira.png")))
            box.add_item(discord.ui.File("attachment://mira.json"))
            self.add_item(box)

        async def use(self, interaction: discord.Interaction) -> None:
            pressed.append("use")
            await interaction.response.defer()

    files = [
        discord.File(io.BytesIO(images.plain(3)), "mira.png"),
        discord.File(io.BytesIO(b"{}"), "mira.json"),
    ]
    ann, tavern = playground.person("Ann"), playground.channel("tavern")
    sent = await place(client, "tavern").send(view=Card(), files=files)
    assert sent.flags.components_v2
    shown = ann.sees(tavern)[0]
    ids = [component["id"] for component, _ in walk(shown["components"])]
    assert len(set(ids)) == len(ids)
    gallery = next(each for each, _ in walk(shown["components"]) if each["type"] == 12)
    assert gallery["items"][0]["media"]["url"].startswith(playground.cdn_url)
    await ann.press(shown, "Use").acknowledged()
    await eventually(lambda: pressed == ["use"])


async def test_people_and_places_are_picked(client: Client, playground: Playground) -> None:
    class Pickers(discord.ui.View):
        @discord.ui.select(cls=discord.ui.UserSelect, custom_id="who")
        async def who(self, interaction: discord.Interaction, menu: Any) -> None:
            await interaction.response.send_message(menu.values[0].display_name)

        @discord.ui.select(cls=discord.ui.ChannelSelect, custom_id="where")
        async def where(self, interaction: discord.Interaction, menu: Any) -> None:
            await interaction.response.send_message(menu.values[0].name)

        @discord.ui.select(cls=discord.ui.RoleSelect, custom_id="role")
        async def role(self, interaction: discord.Interaction, menu: Any) -> None:
            await interaction.response.send_message(menu.values[0].name)

        @discord.ui.select(cls=discord.ui.MentionableSelect, custom_id="any")
        async def anyone(self, interaction: discord.Interaction, menu: Any) -> None:
            await interaction.response.send_message(str(menu.values[0].id))

    ann, ben, tavern = (
        playground.person("Ann"),
        playground.person("Ben"),
        playground.channel("tavern"),
    )
    await place(client, "tavern").send("pick", view=Pickers())
    shown = ann.sees(tavern)[0]
    role_id = str(tavern.guild_id)
    for custom_id, value, told in (
        ("who", ben.id, "Ben"),
        ("where", playground.channel("campfire").id, "campfire"),
        ("role", role_id, "@everyone"),
        ("any", ben.id, ben.id),
    ):
        answer = await ann.click(shown, custom_id, value).response()
        assert answer["content"] == told
