"""A small bot that gives the page something to show: commands, forms, buttons, a character."""

import asyncio
import io
from typing import Any

import discord
from discord import app_commands

from tests.e2e.playground.helpers import Client

CHARACTERS = ("Mira", "Mirabel", "Osric the Grey")
JAPANESE = {"persona": "ペルソナ", "new": "新規"}


class Translator(app_commands.Translator):
    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: Any
    ) -> str | None:
        return JAPANESE.get(string.message) if locale is discord.Locale.japanese else None


class PersonaForm(discord.ui.Modal, title="New persona"):
    """Every kind of field."""

    def __init__(self) -> None:
        super().__init__()
        options = [discord.SelectOption(label=each) for each in ("Hero", "Rogue")]
        moods = [discord.RadioGroupOption(label=each) for each in ("Calm", "Merry")]
        long = discord.TextStyle.long
        self.name = discord.ui.TextInput[Any](min_length=2, max_length=40)
        self.about = discord.ui.TextInput[Any](style=long, required=False, default="A scholar.")
        self.kind = discord.ui.Select[Any](options=options)
        self.picture = discord.ui.FileUpload[Any](required=False, max_values=2)
        self.mood = discord.ui.RadioGroup[Any](options=moods)
        told = "Who you are in the story"
        self.add_item(discord.ui.Label(text="Name", component=self.name))
        self.add_item(discord.ui.Label(text="About", description=told, component=self.about))
        self.add_item(discord.ui.Label(text="Kind", component=self.kind))
        self.add_item(discord.ui.Label(text="Picture", component=self.picture))
        self.add_item(discord.ui.Label(text="Mood", component=self.mood))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        files = [each.filename for each in self.picture.values]
        written = [self.name.value, self.about.value, *self.kind.values, *files, self.mood.value]
        told = "Saved: " + " / ".join(str(each) for each in written)
        await interaction.response.send_message(told, ephemeral=True)


class Panel(discord.ui.View):
    """Everything one can press under a message."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        self.version = 1

    @discord.ui.button(label="Regenerate", custom_id="again")
    async def again(self, interaction: discord.Interaction, button: Any) -> None:
        self.version += 1
        await interaction.response.edit_message(content=f"*Version {self.version}*")

    @discord.ui.button(label="Silent", custom_id="silent", style=discord.ButtonStyle.danger)
    async def silent(self, interaction: discord.Interaction, button: Any) -> None:
        """Leaves the person without an answer."""

    @discord.ui.button(label="Locked", custom_id="locked", disabled=True)
    async def locked(self, interaction: discord.Interaction, button: Any) -> None:
        """Cannot be pressed."""

    @discord.ui.select(
        custom_id="one",
        placeholder="Pick one",
        options=[
            discord.SelectOption(label="Red", description="warm"),
            discord.SelectOption(label="Blue", description="cold"),
        ],
    )
    async def one(self, interaction: discord.Interaction, select: Any) -> None:
        await interaction.response.send_message(f"Picked {select.values[0]}", ephemeral=True)

    @discord.ui.select(
        cls=discord.ui.UserSelect, custom_id="people", placeholder="Pick people", max_values=2
    )
    async def people(self, interaction: discord.Interaction, select: Any) -> None:
        names = sorted(each.display_name for each in select.values)
        await interaction.response.send_message("With " + " and ".join(names), ephemeral=True)


class PageBot(Client):
    """Answers every message with a reply that grows."""

    def __init__(self) -> None:
        super().__init__()
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()
        self._add_chat()
        self._add_persona()
        self._add_others()

    async def setup_hook(self) -> None:
        await self.tree.set_translator(Translator())
        self.add_view(Panel())
        await self.tree.sync()

    async def on_message(self, message: discord.Message) -> None:
        await super().on_message(message)
        if message.author.bot:
            return
        reply = await message.channel.send("I heard")
        await self.may_go_on.wait()
        await reply.edit(content=f"I heard: {message.content}")

    async def speak(self, channel: discord.TextChannel, content: str) -> None:
        """Says something as a character, with everything to press below it."""
        webhook = await channel.create_webhook(name="Tavern")
        await webhook.send(content, username="Mira", view=Panel(), wait=True)

    def _add_chat(self) -> None:
        chat = app_commands.Group(name="chat", description="Chats")

        @chat.command(name="start", description="Start a chat")
        @app_commands.choices(
            mode=[
                app_commands.Choice(name="Every message", value="all"),
                app_commands.Choice(name="Mentions only", value="mention"),
            ]
        )
        async def start(
            interaction: discord.Interaction,
            character: str,
            mode: app_commands.Choice[str] | None = None,
            turns: app_commands.Range[int, 1, 9] | None = None,
            loud: bool | None = None,
        ) -> None:
            await interaction.response.defer(ephemeral=True, thinking=True)
            await self.may_go_on.wait()
            chosen = mode.value if mode else "-"
            text = f"Started {character}, {chosen}, {turns}, {loud}"
            await interaction.edit_original_response(content=text)

        @start.autocomplete("character")
        async def offer(
            interaction: discord.Interaction, typed: str
        ) -> list[app_commands.Choice[str]]:
            found = [each for each in CHARACTERS if typed.lower() in each.lower()]
            return [app_commands.Choice(name=each, value=each) for each in found]

        @chat.command(name="silent", description="Never answers")
        async def silent(interaction: discord.Interaction) -> None:
            """Leaves the person without an answer."""

        @chat.command(name="import", description="Import a card")
        async def bring(interaction: discord.Interaction, file: discord.Attachment) -> None:
            kept = await file.to_file()
            await interaction.response.send_message(f"Got {file.filename}", file=kept)

        self.tree.add_command(chat)

    def _add_persona(self) -> None:
        named = app_commands.locale_str
        persona = app_commands.Group(name=named("persona"), description="Personas")

        @persona.command(name=named("new"), description="Write a new persona")
        async def new(interaction: discord.Interaction) -> None:
            await interaction.response.send_modal(PersonaForm())

        self.tree.add_command(persona)

    def _add_others(self) -> None:
        @self.tree.command(name="layout", description="Shows a container")
        async def layout(interaction: discord.Interaction) -> None:
            box: discord.ui.Container[Any] = discord.ui.Container(
                discord.ui.TextDisplay("## Mira\n*Innkeeper*"),
                discord.ui.Separator(),
                discord.ui.Section("A card", accessory=discord.ui.Button(label="Use")),
                discord.ui.File("attachment://card.txt"),
                accent_colour=0xF0B232,
            )
            view = discord.ui.LayoutView().add_item(box)
            note = discord.File(io.BytesIO(b"hello"), "card.txt")
            await interaction.response.send_message(view=view, file=note)

        @self.tree.command(name="prompt", description="Shows an embed")
        async def prompt(interaction: discord.Interaction) -> None:
            shown = discord.Embed(title="Prompt", description="**12** tokens", colour=0x5865F2)
            shown.add_field(name="System", value="`4`").set_footer(text="estimate")
            await interaction.response.send_message(embed=shown)

        @self.tree.context_menu(name="Remember this")
        async def remember(interaction: discord.Interaction, message: discord.Message) -> None:
            await interaction.response.send_message(f"Kept: {message.content}", ephemeral=True)
