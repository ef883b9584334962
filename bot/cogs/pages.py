"""Forms of private pages: heard here, since discord.py forgets a form with a restart."""

from typing import Any, Protocol

import discord
from discord.ext import commands

from bot.views import connection_entry, connection_presses, settings_pages
from bot.views.private_page import submitted

PAGES = (connection_presses, connection_entry, settings_pages)
"""What is pressed on them is known once they are imported."""


class PageClient(Protocol):
    """As much of the client as is needed."""

    async def add_cog(self, cog: commands.Cog, /) -> None: ...


class PageForms(commands.Cog):
    """One listener for all of them."""

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        if interaction.type is discord.InteractionType.modal_submit:
            await submitted(interaction)


async def setup(client: PageClient) -> None:
    await client.add_cog(PageForms())
