"""Choose, load and unload models."""

from discord import app_commands

from bot.cogs._autocomplete import models
from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.i18n import N_, _
from bot.views.connection import connection_text, telling
from bot.views.connection_users import Reach, reach_of, users_text
from bot.views.model import model_facts
from bot.views.panels import pages
from core.backends.types import Model
from core.detect import shown_name
from core.models_in_use.models import ActiveModel
from core.options.table import MODEL
from core.policy.permissions import Action, demand
from core.storage.connections import Connection

NOTHING = "-"
"""Typed as a name it takes the choice back."""


@command()
@app_commands.autocomplete(model=models)
async def use(context: CommandContext, model: app_commands.Range[str, 1, 200]) -> None:
    """Choose which of the server's models answers here.

    Parameters
    ----------
    model: str
        The model's name; you can also type your own
    """
    demand(context.actor, Action.MANAGE_CONNECTIONS, context.place)
    in_use = await context.connection()
    if model.strip() == NOTHING:
        model = ""
    reach = await _reach(context, in_use)
    if reach is None:
        return
    stored = await context.services.connections.set_model(
        context.actor, context.place, in_use, model, for_all=reach is Reach.ALL
    )
    context.engine.models.pool.forget(stored)
    active_model = await context.engine.models.active(context.place)
    said = _("**{model}** will answer here from now on.", model=model)
    if not model:
        said = _("The server chooses the model here now.")
    text, view = await telling(context, stored, active_model, [said])
    await context.say(text, view=view)


@command()
async def list_(context: CommandContext) -> None:
    """Show the models on the server."""
    found = await context.engine.models.listed(context.place)
    if not found:
        await context.say(_("The server didn't list any models."))
        return
    lines = [_line(model) for model in found if model.writes]
    for heading, apart in (
        (N_("Only for making pictures"), [one for one in found if one.draws]),
        (N_("Not for replies"), [one for one in found if not (one.writes or one.draws)]),
    ):
        if apart:
            lines += ["", f"**{_(heading)}**", *map(_line, apart)]
    await pages(context, _("Models"), lines)


@command()
@app_commands.autocomplete(name=models)
async def load(context: CommandContext, name: app_commands.Range[str, 1, 200]) -> None:
    """Load a model on the server (TabbyAPI, text-generation-webui).

    Parameters
    ----------
    name: str
        The model's name on the server
    """
    active_model = await _loading(context)
    told = None
    pool = context.engine.models.pool
    async for wait in pool.load(active_model.connection, active_model.kind, name):
        if wait.percent != told:
            told = wait.percent
            said = _("Loading **{model}**… {share}", model=name, share=f"{told} %")
            await context.interaction.edit_original_response(content=said)
    stored = await context.services.connections.set_model(
        context.actor, context.place, active_model.connection, name
    )
    context.engine.models.pool.forget(stored)
    now = await context.engine.models.active(context.place)
    lines = [
        _("**{model}** is loaded.", model=name),
        *await _also_changed(context, stored),
        *connection_text(context.engine, stored, now.facts),
    ]
    await context.interaction.edit_original_response(content="\n".join(lines))


@command()
async def unload(context: CommandContext) -> None:
    """Unload the server's model (TabbyAPI, text-generation-webui)."""
    active_model = await _loading(context)
    await context.engine.models.pool.unload(active_model.connection, active_model.kind)
    stored = await context.services.connections.set_model(
        context.actor, context.place, active_model.connection, ""
    )
    context.engine.models.pool.forget(stored)
    said = _("The model has been unloaded. Load another with `/connect model load`.")
    await context.say("\n".join([said, *await _also_changed(context, stored)]))


async def _also_changed(context: CommandContext, connection: Connection) -> list[str]:
    """Who else talks to the server, whose model is another one now."""
    users = await context.services.connections.others_on_server(context.place, connection)
    return [_("This also changes {users}.", users=users_text(users))] if users else []


async def _reach(context: CommandContext, connection: Connection) -> Reach | None:
    """For whom another model is meant; a channel that has its own one keeps to itself."""
    if not connection.model:
        return Reach.ALL  # it is completed, nobody has another one
    options = await context.services.options.resolve(context.place)
    return Reach.HERE if options[MODEL] else await reach_of(context, connection)


def _line(model: Model) -> str:
    return " · ".join(part for part in (f"`{shown_name(model.id)}`", *model_facts(model)) if part)


async def _loading(context: CommandContext) -> ActiveModel:
    """What answers here, for somebody who may change its model."""
    demand(context.actor, Action.MANAGE_CONNECTIONS, context.place)
    return await context.engine.models.active(context.place)
