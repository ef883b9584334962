"""The slash commands' tree: speaks the person's language and tells errors in one place."""

from typing import Any, cast

import discord
from discord import app_commands

from bot.i18n import use
from bot.runtime import HasRuntime
from bot.wording.errors import answer


class CommandTree(app_commands.CommandTree[Any]):
    """discord.py's tree with our answers."""

    async def interaction_check(self, interaction: "discord.Interaction[Any]", /) -> bool:
        """Sets the language of everything the command says."""
        use(interaction.locale)
        cast("HasRuntime", interaction.client).runtime.meet(interaction)
        return True

    async def on_error(
        self, interaction: "discord.Interaction[Any]", error: app_commands.AppCommandError, /
    ) -> None:
        """One sentence for the person, whatever went wrong."""
        await answer(interaction, error)
