from discord import app_commands

from bot.cogs._autocomplete import connections
from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.i18n import _

NOTHING = "-"
"""Typed as a name it takes the choice back."""


@command()
@app_commands.autocomplete(to=connections, connection=connections)
async def fallback(context: CommandContext, to: str, connection: str | None = None) -> None:
    """Choose a fallback for when the usual connection isn't available.

    Parameters
    ----------
    to: str
        A saved connection; “-” = none
    connection: str
        Which connection gets the fallback; leave empty for this channel's
    """
    services = context.services.connections
    name = "" if to.strip() == NOTHING else to
    if connection:
        found = await services.find(context.place, connection)
    else:
        found = await context.connection()
    stored = await services.set_fallback(context.actor, context.place, found, name)
    if stored.fallback:
        facts = {"name": stored.name, "to": stored.fallback}
        await context.say(
            _("If **{name}** isn't available, **{to}** will answer instead.", **facts)
        )
    else:
        await context.say(_("**{name}** no longer has a fallback.", name=stored.name))
