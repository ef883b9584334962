from typing import Literal

from discord import app_commands

from bot.cogs._autocomplete import personas
from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.i18n import _
from core.chat.place import Scope

SCOPES = {"here": Scope.CHANNEL, "server": Scope.SERVER, "everywhere": Scope.EVERYWHERE}


@command()
@app_commands.autocomplete(persona=personas)
async def use(
    context: CommandContext,
    persona: str | None = None,
    where: Literal["here", "server", "everywhere"] = "everywhere",
) -> None:
    """Speak as one of your personas.

    Parameters
    ----------
    persona: str
        Which persona; leave empty to be yourself
    where: Literal
        In this channel, this server or everywhere
    """
    personas_ = context.services.personas
    scope = SCOPES[where]
    if persona is None:
        await personas_.use(context.actor, context.place, None, scope)
        await context.say(_("You're now speaking as yourself."))
        return
    found = await personas_.find(context.actor, persona)
    await personas_.use(context.actor, context.place, found.id, scope)
    await context.say(_told(scope).format(name=found.persona.display_name))


def _told(scope: Scope) -> str:
    """Who the person is now, and where."""
    if scope is Scope.CHANNEL:
        return _("You're now **{name}** in this channel.")
    if scope is Scope.SERVER:
        return _("You're now **{name}** in this server.")
    return _("You're now **{name}**.")
