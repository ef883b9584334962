"""Saved connections: `/connect list`, `rename`, `delete`."""

from discord import app_commands

from bot.cogs._autocomplete import connections
from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.i18n import _
from bot.views.connection_users import users_text
from bot.views.panels import confirmed, pages
from core.policy.permissions import Action, demand
from core.storage.connections import Connection


@command()
async def list_(context: CommandContext) -> None:
    """Show the saved connections and where each is used."""
    demand(context.actor, Action.MANAGE_CONNECTIONS, context.place)
    lines = [
        await _line(context, one) for one in await context.services.connections.list(context.place)
    ]
    if not lines:
        await context.say(_("There's no connection yet. Make one with `/connect use`."))
        return
    await pages(context, _("Connections"), lines)


@command()
@app_commands.autocomplete(connection=connections)
async def rename(
    context: CommandContext, connection: str, name: app_commands.Range[str, 1, 80]
) -> None:
    """Give a connection a name, so that other channels can use it too.

    Parameters
    ----------
    connection: str
        Which connection
    name: str
        Its new name
    """
    services = context.services.connections
    found = await services.find(context.place, connection)
    stored = await services.rename(context.actor, context.place, found, name)
    context.engine.models.pool.forget(stored)
    await context.say(_("**{old}** is now **{new}**.", old=found.name, new=stored.name))


@command()
@app_commands.autocomplete(connection=connections)
async def delete(context: CommandContext, connection: str) -> None:
    """Delete a saved connection and its key.

    Parameters
    ----------
    connection: str
        Which connection
    """
    services = context.services.connections
    demand(context.actor, Action.MANAGE_CONNECTIONS, context.place)
    found = await services.find(context.place, connection)
    users = await services.users(context.place, found)
    question = _("Delete **{name}**?", name=found.name)
    if users:
        question += " " + _("It answers in {users}.", users=users_text(users))
    if found.key:
        question += " " + _("Its key goes with it.")
    if not await confirmed(context, question, _("Delete")):
        await context.say(_("Nothing was deleted."))
        return
    await services.delete(context.actor, context.place, found)
    context.engine.models.pool.forget(found)
    text = _("Deleted **{name}**.", name=found.name)
    in_use = await context.engine.models.connection(context.place)
    if in_use is None:
        text += " " + _("There's no model here now. Choose one with `/connect use`.")
    elif users:
        text += " " + _("**{name}** now answers here.", name=in_use.name)
    await context.say(text)


async def _line(context: CommandContext, one: Connection) -> str:
    """Name, service, model, and who uses it."""
    spec = context.engine.models.pool.spec(one)
    users = await context.services.connections.users(context.place, one)
    where = users_text(users)
    if users.by_default:
        also = _("this whole server")
        where = f"{also}, {where}" if where else also
    if not one.id and not where:
        where = _("offered by the bot's owner")
    parts = [f"**{one.name}**", spec.name, f"`{one.model}`" if one.model else ""]
    return " · ".join(part for part in (*parts, where or _("not in use")) if part)
