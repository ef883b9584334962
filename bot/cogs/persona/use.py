from typing import Literal

from discord import app_commands

from bot.cogs._autocomplete import personas
from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.i18n import N_, _
from core.chat.place import Scope

SCOPES = {
    "here": (Scope.CHANNEL, N_("You're now **{name}** in this channel.")),
    "server": (Scope.SERVER, N_("You're now **{name}** in this server.")),
    "everywhere": (Scope.EVERYWHERE, N_("You're now **{name}**.")),
}


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
    service, (scope, said) = context.services.personas, SCOPES[where]
    found = await service.find(context.actor, persona) if persona else None
    await service.use(context.actor, context.place, found.id if found else None, scope)
    if found is None:
        await context.say(_("You're now speaking as yourself."))
    else:
        await context.say(_(said, name=found.persona.display_name))
