"""`/connect key`"""

from discord import app_commands

from bot.cogs._autocomplete import connections
from bot.command_context import CommandContext, Interaction, context_of
from bot.i18n import _
from bot.views.connection import needs_text
from bot.views.forms import Field, Form
from core.errors import InvalidOption, NotConfigured
from core.policy.permissions import Action, demand
from core.secret import Secret


@app_commands.command()
@app_commands.autocomplete(connection=connections)
async def key(interaction: Interaction, connection: str | None = None) -> None:
    """Enter the key of a connection; it is stored sealed and shown to nobody.

    Parameters
    ----------
    connection: str
        Which connection; the one in use here if left out
    """
    # The first answer has to be the form itself: no look into the database before it.
    context = context_of(interaction)
    demand(context.actor, Action.MANAGE_CONNECTIONS, context.place)
    await interaction.response.send_modal(key_form(connection).on(context))


def key_form(connection: str | None) -> Form:
    """The form that takes the key of a connection; of the one in use where None."""

    async def store(context: CommandContext, values: dict[str, str]) -> None:
        await _store(context, connection, values["key"])

    field = Field("key", _("Key"), _("Paste it here; it goes to that server only"), longest=4000)
    title = _("Key of {name}", name=connection) if connection else _("Key of this channel's model")
    return Form(title, [field], store, is_secret=True)


async def _store(context: CommandContext, name: str | None, typed: str) -> None:
    services, place = context.services.connections, context.place
    found = await services.find(place, name) if name else await context.engine.connection(place)
    if found is None:
        raise NotConfigured("no connection to give a key to", what="model", command="connect use")
    typed = typed.strip()
    secret = Secret(typed[7:].strip() if typed.lower().startswith("bearer ") else typed)
    if not secret:
        raise InvalidOption("the key is empty", key="key", value="", expected="text")
    stored = await services.set_key(context.actor, place, found, secret)
    context.engine.backend_pool.forget(stored)
    ending = f" (…{secret.ending})" if secret.ending else ""
    lines = [_("The key for **{name}** is stored{ending}.", name=stored.name, ending=ending)]
    if not services.keys_persist:
        lines.append(_("It is kept in memory only and has to be entered again after a restart."))
    in_use = await context.engine.connection(place)
    if in_use is not None and in_use.name == stored.name:
        active_model = await context.engine.active_model(place)
        lines += needs_text(context.engine, stored, active_model.facts)
    await context.say("\n".join(lines))
