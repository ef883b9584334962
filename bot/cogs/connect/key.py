"""`/connect key`"""

from discord import app_commands

from bot.cogs._autocomplete import connections
from bot.command_context import Interaction, context_of
from bot.views.connection import key_form
from core.policy.permissions import Action, demand


@app_commands.command()
@app_commands.autocomplete(connection=connections)
async def key(interaction: Interaction, connection: str | None = None) -> None:
    """Enter the key for a connection. It's stored encrypted and never shown.

    Parameters
    ----------
    connection: str
        Which connection; leave empty for this channel's
    """
    # The first answer has to be the form itself: no look into the database before it.
    context = context_of(interaction)
    demand(context.actor, Action.MANAGE_CONNECTIONS, context.place)
    await interaction.response.send_modal(key_form(connection).on(context))
