"""A slash command: a function that is given the command's context and the options."""

import functools
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, TypeAlias

from discord import app_commands

from bot.command_context import CommandContext, Interaction, command_context, context_of
from bot.i18n import _
from bot.views.room import tell_no_room
from core.errors import BudgetExceeded

KEEP_TYPING = "…"
"""The value of a suggestion that only says that there are more."""
Options = ParamSpec("Options")
Callback: TypeAlias = Callable[Concatenate[CommandContext, Options], Coroutine[Any, Any, None]]


def command_name(name: str) -> str:
    """`import_` and `reply_start` cannot hold what Discord shows: `import`, `reply-start`."""
    return name.strip("_").replace("_", "-")


def command(
    *, defers: bool = True
) -> Callable[[Callback[Options]], app_commands.Command[Any, ..., None]]:
    """Makes a command; its docstring describes it and its options to people.

    With `defers` Discord is answered at once, since it waits 3 s only; a command that answers with
    a form says False.
    """

    def made(callback: Callback[Options]) -> app_commands.Command[Any, ..., None]:
        # discord.py reads options and docstring through the wrapper.
        @functools.wraps(callback)
        async def run(interaction: Interaction, *args: Any, **options: Any) -> None:
            if KEEP_TYPING in options.values():
                await interaction.response.send_message(
                    _("Type a few letters of the name, then choose from the list."), ephemeral=True
                )
                return
            context = await command_context(interaction) if defers else context_of(interaction)
            try:
                await callback(context, *args, **options)
            except BudgetExceeded as error:
                await tell_no_room(interaction, error)

        return app_commands.command(name=command_name(callback.__name__))(run)

    return made
