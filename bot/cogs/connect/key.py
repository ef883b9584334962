from discord import app_commands

from bot.cogs._autocomplete import connections
from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.views.connection import key_form
from core.policy.permissions import Action, demand


@command(defers=False)
@app_commands.autocomplete(connection=connections)
async def key(context: CommandContext, connection: str | None = None) -> None:
    """Enter the key for a connection. It's stored encrypted and never shown.

    Parameters
    ----------
    connection: str
        Which connection; leave empty for this channel's
    """
    # The first answer has to be the form itself: no look into the database before it.
    demand(context.actor, Action.MANAGE_CONNECTIONS, context.place)
    await key_form(connection).open(context.interaction)
