from typing import Literal

from discord import app_commands

from bot.cogs._autocomplete import Rows, suggestions
from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.i18n import N_, _
from core.backends.types import Unsupported
from core.errors import InvalidOption
from core.options.table import ADVERTS

MANCER_LOG = "mancer-log"
ADS = "ads"
WARNINGS = {"logging": N_("⚠ The provider stores everything written here and may read it.")}
SWITCHES = {MANCER_LOG: "logging"}
"""Names of options that are switches of a row."""
VALUES = {MANCER_LOG: ("on", "off"), ADS: ("strip", "keep")}


@suggestions
async def _values(context: CommandContext) -> Rows:
    known = VALUES.get(str(context.interaction.namespace.name), ())
    return [(value, value) for value in known]


@command()
@app_commands.autocomplete(value=_values)
async def option(context: CommandContext, name: Literal["mancer-log", "ads"], value: str) -> None:
    """Change settings that only some services have.

    Parameters
    ----------
    name: Literal
        mancer-log: let Mancer keep logs for a discount; ads: keep or strip ads in replies
    value: str
        Pick one of the suggestions
    """
    value = value.strip().lower()
    if value not in VALUES[name]:
        raise InvalidOption(key=name, value=value, expected=VALUES[name])
    if name == ADS:
        await context.set(ADVERTS, value)
        await context.say(_("`{name}` is now **{value}** in this channel.", name=name, value=value))
        return
    found = await context.connection()
    switch, on = SWITCHES[name], value == "on"
    spec = context.engine.models.pool.spec(found)
    if switch not in spec.request.switches:
        raise Unsupported(what=name, where=spec.name)
    services = context.services.connections
    stored = await services.switch(context.actor, context.place, found, switch, on=on)
    lines = [
        _("`{name}` is now **{value}** for **{whose}**.", name=name, value=value, whose=stored.name)
    ]
    if on:
        lines.append(_(WARNINGS[switch]))
    await context.say("\n".join(lines))
